/* A descriptor and kernels by hand, so that the runtime is tested without the compiler. Entry
 * `forward` reverses each row of ids within its own length and averages them; entry `scale` is
 * dense and has constraints and an intermediate. The three instruction sets are the same C code,
 * and the file is compiled into programs and into the unit tests. With FAKE_SLOW a run of `forward`
 * takes a while, and of several rows it leaves the first one out, as no right model does. With
 * FAKE_VECTORS the means are the answer and called `embedding`, and a gate is one of n places. */
#include <time.h>

#include "runtime/abi.h"

#ifdef FAKE_VECTORS
#define GATES call->values[0]
#define MEANS "embedding"
#define WRITER sinter_writer_embedding
#else
#define GATES 10
#define MEANS "means"
#define WRITER sinter_writer_tokens
#endif

/* A row of more than 16 ids is a fault where it begins with the last symbol, !. */
static const char vocabulary[] = "<pad>\n<unk>\n</s>\na\nb\nc\n\xc3\xa9\n!\n";

struct Rows {
  const struct SinterCall* call;
};

/* Values of `forward`: batch, seq, threads, then expressions. */
enum { BATCH, SEQ, THREADS, TWO, ARENA };

static void forward_rows(void* context, int64_t begin, int64_t end, int64_t thread) {
  const struct SinterCall* call = ((struct Rows*)context)->call;
  const int32_t* ids = call->inputs[0];  /* (batch, seq) */
  int64_t* reversed = call->outputs[0];  /* (batch, seq) */
  float* means = call->outputs[1];       /* (batch, 2) */
  const float* weight = call->params[0]; /* (2) */
  int64_t seq = call->values[SEQ];
  int64_t* scratch = (int64_t*)call->arena + thread * seq; /* (threads, seq) */
  for (int64_t row = begin; row < end; ++row) {
    int64_t length = call->lengths[0][row];
    double sum = 0;
    if (length > 16 && ids[row * seq] == 7)
      call->report(call->faults, SINTER_LONG_ROW, row, length, 16, "model.cpp:5: pad");
    for (int64_t t = 0; t < length; ++t) {
      scratch[t] = ids[row * seq + t];
      sum += (double)scratch[t];
    }
    if (reversed)
      for (int64_t t = 0; t < length; ++t) reversed[row * seq + t] = scratch[length - 1 - t];
    if (means)
      for (int64_t k = 0; k < 2; ++k)
        means[row * 2 + k] = (float)(length ? sum / (double)length : 0) * weight[k];
  }
}

static void forward(const struct SinterCall* call) {
  struct Rows rows = {call};
  call->parallel(call->pool, call->values[BATCH], forward_rows, &rows);
#ifdef FAKE_SLOW
  const struct timespec pause = {0, 20000000};
  nanosleep(&pause, 0);
  int64_t* reversed = call->outputs[0];
  if (reversed && call->values[BATCH] > 1)
    for (int64_t t = 0; t < call->values[SEQ]; ++t) reversed[t] = 0;
#endif
}

/* Values of `scale`: n, then 3, n+1, 8, arena 0. y = x * w, twice = 2 y; a negative gate faults. */
static void scale(const struct SinterCall* call) {
  const float* x = call->inputs[0];      /* (n, 3) */
  const int64_t* gate = call->inputs[1]; /* (n + 1) */
  float *y = call->outputs[0], *twice = call->outputs[1];
  const float* weight = call->params[0];
  for (int64_t i = 0; i < call->values[0] * 3; ++i) {
    if (y) y[i] = x[i] * weight[0];
    if (twice) twice[i] = 2 * x[i] * weight[0];
  }
  for (int64_t i = 0; i <= call->values[0]; ++i)
    if (gate[i] < 0 || gate[i] >= GATES)
      call->report(call->faults, SINTER_WRONG_ID, i, gate[i], GATES, "model.cpp:7: gather");
}

static const int32_t forward_ids[] = {BATCH, SEQ};
static const int32_t forward_means[] = {BATCH, TWO};
static const struct SinterTensor forward_inputs[] = {
    {"input_ids", SINTER_I32, 2, forward_ids, 1, 0, 8, 0}};
static const struct SinterTensor forward_outputs[] = {
    {"reversed", SINTER_I64, 2, forward_ids, 1, 0, 0, 0},
    {MEANS, SINTER_F32, 2, forward_means, -1, -1, 0, 1}};
static const char* const forward_symbols[] = {"batch", "seq", "threads"};
static const struct SinterRagged forward_ragged[] = {{"seq", SEQ, BATCH}};
static const int64_t forward_code[] = {SINTER_PUSH, 2,          SINTER_VALUE, THREADS, SINTER_VALUE,
                                       SEQ,         SINTER_MUL, SINTER_PUSH,  8,       SINTER_MUL};
static const int32_t forward_starts[] = {0, 0, 0, 0, 2, 10};

static const int32_t scale_x[] = {0, 1}, scale_gate[] = {2};
static const struct SinterTensor scale_inputs[] = {
    {"x", SINTER_F32, 2, scale_x, -1, -1, 0, 0}, {"gate", SINTER_I64, 1, scale_gate, -1, -1, 0, 0}};
static const struct SinterTensor scale_outputs[] = {
    {"y", SINTER_F32, 2, scale_x, -1, -1, 0, 0}, {"twice", SINTER_F32, 2, scale_x, -1, -1, 0, 1}};
static const char* const scale_symbols[] = {"n"};
static const struct SinterConstraint scale_constraints[] = {{0, 3, SINTER_LE, "n <= 8"}};
static const int64_t scale_code[] = {SINTER_PUSH, 3, SINTER_VALUE, 0, SINTER_PUSH, 1, SINTER_ADD,
                                     SINTER_PUSH, 8, SINTER_PUSH,  0};
static const int32_t scale_starts[] = {0, 0, 2, 7, 9, 11};

static const struct SinterEntry entries[] = {{"forward",
                                              1,
                                              2,
                                              3,
                                              1,
                                              0,
                                              5,
                                              ARENA,
                                              THREADS,
                                              forward_inputs,
                                              forward_outputs,
                                              forward_symbols,
                                              forward_ragged,
                                              0,
                                              forward_code,
                                              forward_starts,
                                              {forward, forward, forward}},
                                             {"scale",
                                              2,
                                              2,
                                              1,
                                              0,
                                              1,
                                              5,
                                              4,
                                              -1,
                                              scale_inputs,
                                              scale_outputs,
                                              scale_symbols,
                                              0,
                                              scale_constraints,
                                              scale_code,
                                              scale_starts,
                                              {scale, scale, scale}}};

static const int64_t weight_shape[] = {2};
static const struct SinterParam params[] = {{"weight", SINTER_F32, 1, weight_shape, "rows", 0, 8}};
static const struct SinterOption options[] = {
    {"reader", "characters"}, {"vocabulary", "symbols"},  {"end", "</s>"},
    {"lower", "true"},        {"max_length", "20000000"}, {"stop", "<pad>"},
#ifdef FAKE_VECTORS
    {"writer", "embedding"},  {"output", MEANS}};
#else
    {"writer", "tokens"}};
#endif
static const struct SinterAsset assets[] = {
    {"symbols", (const unsigned char*)vocabulary, sizeof vocabulary - 1}};
#ifndef FAKE_WEIGHTS_FILE
static const _Alignas(64) float weights[] = {1, -0.5f};
#endif

extern const struct SinterReader sinter_reader_characters;
extern const struct SinterWriter WRITER;

const struct SinterModel sinter_model = {
    .abi_version = SINTER_ABI_VERSION,
    .name = "fake",
    .version = "0.1.0",
    .parameter_count = 2,
    .entry_count = 2,
    .param_count = 1,
    .asset_count = 1,
    .option_count = sizeof options / sizeof options[0],
    .entries = entries,
    .params = params,
    .assets = assets,
    .options = options,
    .reader = &sinter_reader_characters,
    .writer = &WRITER,
    .weights_size = 8,
#ifdef FAKE_WEIGHTS_FILE
    .weights_file = "fake.weights",
#else
    .weights = (const unsigned char*)weights,
#endif
};
