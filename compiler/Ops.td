// Every op of the dialect, for the generators.
include "ElementwiseOps.td"
include "ReductionOps.td"
include "ContractionOps.td"
include "ShapeOps.td"
include "ControlOps.td"
include "StructureOps.td"
