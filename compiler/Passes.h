// The graph passes (documented in Passes.td) and their registration.
#pragma once

#include "compiler/Dialect.h"
#include "mlir/Pass/Pass.h"

namespace sinter {

#define GEN_PASS_DECL
#include "compiler/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compiler/Passes.h.inc"

}  // namespace sinter
