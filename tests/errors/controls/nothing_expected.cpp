// refused: no line is expected to be wrong
#include "dsl/missing.h"
