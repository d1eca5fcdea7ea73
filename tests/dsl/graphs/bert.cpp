// BERT-base, printed.
#include "../bert.cpp"
#include "dsl/print.h"

int main(int argc, char** argv) { return sinter::generate(argc, argv, {{"bert_base", bert_base}}); }
