// The rules of the language: dimensions, shapes and the sentence for each way to break a rule.
// The DSL calls them while C++ compiles, the dialect's verifiers when they read IR: one rule, one
// sentence, two doors. Standard library only. Non-goals: graphs, source locations, run-time checks.
//
// Every rule takes `Rules&`, the operands' shapes and the attributes, and returns the result's
// shape; when broken it writes `error` (the first one stays) and returns `poison`.
#pragma once
#include "dsl/rules/contract.h"
#include "dsl/rules/control.h"
#include "dsl/rules/layout.h"
#include "dsl/rules/reduce.h"
