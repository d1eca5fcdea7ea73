// The language of models: the only header that a model file includes.
#pragma once
#include "dsl/decode.h"
#include "dsl/loss.h"
#include "dsl/model.h"
#include "dsl/nn.h"
