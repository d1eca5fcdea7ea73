/* The whole contract between generated code and the runtime: plain C data and function types.
 * Generated objects and their descriptors include only this file; the runtime and the reference
 * tools read models only through it. Non-goals: no helpers, no ownership, no C++.
 *
 * Expressions. Every extent, constraint, buffer offset and the arena size of an entry is one
 * expression in the entry's symbols, `threads` included. `code` holds all of them as postfix
 * programs over 64-bit integers; the runtime evaluates each once per run, in order, with overflow
 * checks, into `values[]`, which generated code reads. Expression i may refer to values[j], j < i.
 * The first `symbol_count` values are the symbols themselves and have empty programs.
 */
#ifndef SINTER_ABI_H
#define SINTER_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SINTER_ABI_VERSION 2

enum SinterType {
  SINTER_F32, SINTER_F16, SINTER_BF16, SINTER_U8, SINTER_I8, SINTER_I32, SINTER_I64, SINTER_BOOL
};

/* Opcodes of `code`; PUSH and VALUE are followed by their operand. Divisions are by positive
 * constants or symbols and round towards negative infinity (FLOORDIV) or positive (CEILDIV). */
enum SinterOpcode {
  SINTER_PUSH, SINTER_VALUE, SINTER_ADD, SINTER_SUB, SINTER_MUL, SINTER_FLOORDIV, SINTER_CEILDIV,
  SINTER_MIN, SINTER_MAX, SINTER_ALIGN /* round the second from top up to a multiple of the top */
};

enum SinterIsa { SINTER_X86_64_V2, SINTER_X86_64_V3, SINTER_X86_64_V4, SINTER_ISA_COUNT };

/* A named input, output or state: row-major, contiguous, 64-byte aligned. Beyond a ragged row's own
 * length the runtime hands inputs over as zeros and ragged outputs pre-set to zero. */
struct SinterTensor {
  const char* name;
  int32_t type; /* SinterType */
  int32_t rank;
  const int32_t* extents; /* rank indices into values[] */
  int32_t ragged_axis;    /* -1, or the axis whose rows have lengths */
  int32_t ragged_symbol;  /* index into `ragged` of the entry, or -1 */
  int64_t id_limit;       /* integer input used as ids: 0 <= v < id_limit is checked; 0: no check */
  int32_t askable;        /* output: 1 where it is computed only when asked for (`--output`) */
};

/* A ragged symbol: values[symbol] is the longest row, lengths[k][row] each row's own length. */
struct SinterRagged {
  const char* name;   /* without the '~' */
  int32_t symbol;     /* index into values[] */
  int32_t row_extent; /* index into values[] of the number of rows */
};

enum SinterRelation { SINTER_EQ, SINTER_LE, SINTER_GE };

struct SinterConstraint {
  int32_t left, right; /* indices into values[] */
  int32_t relation;
  const char* text; /* "seq <= 512", for the message */
};

/* What a kernel may report; the runtime makes the sentence. */
enum SinterFault {
  SINTER_WRONG_ID,  /* the id `value` is outside 0 … limit - 1 */
  SINTER_SHORT_ROW, /* the op wants `limit` elements and the row has `value` */
  SINTER_LONG_ROW   /* the row is to have `value` elements and there is room for `limit` */
};

struct SinterCall {
  const void* const* params; /* one pointer for each SinterParam */
  const void* const* inputs;
  void* const* outputs;          /* a null pointer: not wanted */
  const int64_t* values;         /* the evaluated expressions */
  const int64_t* const* lengths; /* one array for each SinterRagged */
  void* arena;                   /* values[arena_size] bytes, 64-byte aligned */
  /* Tells of a fault, from any thread; the run goes on, and what it gives is not used. `row` is a
   * place along a first axis, or -1; `what` says where the op stands: "bert.cpp:83: gather". */
  void (*report)(void* faults, int64_t fault, int64_t row, int64_t value, int64_t limit,
                 const char* what);
  void* faults;
  /* Runs body(context, begin, end, thread) over a split of [0, count) and waits. */
  void (*parallel)(void* pool, int64_t count,
                   void (*body)(void* context, int64_t begin, int64_t end, int64_t thread),
                   void* context);
  void* pool;
};

/* An entry called "NAME.asked" computes what NAME does and outputs that are `askable`; the runtime
 * runs it in the place of NAME when one of these is asked for. */
typedef void (*SinterRun)(const struct SinterCall*);

struct SinterEntry {
  const char* name;
  int32_t input_count, output_count, symbol_count, ragged_count, constraint_count;
  int32_t expression_count;
  int32_t arena_size;     /* index into values[] */
  int32_t threads_symbol; /* index into values[], or -1 */
  const struct SinterTensor* inputs;
  const struct SinterTensor* outputs;
  const char* const* symbols; /* symbol_count names; `threads` may be one */
  const struct SinterRagged* ragged;
  const struct SinterConstraint* constraints;
  const int64_t* code;
  const int32_t* code_starts; /* expression_count + 1 positions in `code` */
  SinterRun run[SINTER_ISA_COUNT]; /* null where the binary has no code for it */
};

/* A weight as stored. `layout` says how bytes are arranged; kernels know, --info prints it. */
struct SinterParam {
  const char* name; /* the checkpoint's key */
  int32_t type;
  int32_t rank;
  const int64_t* shape;
  const char* layout; /* "rows", "panel48", … */
  uint64_t offset;    /* from the start of the weight block, 64-byte aligned */
  uint64_t bytes;
};

struct SinterOption { const char* key; const char* value; };
struct SinterAsset { const char* name; const unsigned char* data; uint64_t size; };

struct SinterReader; /* runtime/task.h */
struct SinterWriter;

struct SinterModel {
  int32_t abi_version;
  const char* name;
  const char* version; /* of the compiler that made it */
  int64_t parameter_count;
  int32_t entry_count, param_count, asset_count, option_count;
  const struct SinterEntry* entries;
  const struct SinterParam* params;
  const struct SinterAsset* assets;
  const struct SinterOption* options; /* of the task */
  const struct SinterReader* reader;  /* null: tensors only */
  const struct SinterWriter* writer;
  const unsigned char* weights; /* null: read from the file `weights_file` beside the binary */
  uint64_t weights_size;
  const char* weights_file;
};

/* A standalone binary defines exactly one. */
extern const struct SinterModel sinter_model;

#ifdef __cplusplus
}
#endif
#endif
