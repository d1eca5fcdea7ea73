// The list of readers that `open` chooses from, one function per format.
// Each looks at content only and throws Failure for a file that is damaged or beyond it.
#ifndef SINTER_COMPILER_WEIGHTS_FORMATS_H
#define SINTER_COMPILER_WEIGHTS_FORMATS_H

#include "Source.h"

namespace sinter::weights {

bool looksLikeSafetensors(const Source& source);
Checkpoint readSafetensors(const Source& source);

bool looksLikeZip(const Source& source);
Checkpoint readZip(const Source& source);  // PyTorch, .npz or .keras, by what is inside

bool looksLikeLegacyTorch(const Source& source);
Checkpoint readLegacyTorch(const Source& source);

bool looksLikeNpy(const Source& source);
Checkpoint readNpy(const Source& source);

bool looksLikeHdf5(const Source& source);
Checkpoint readHdf5(const Source& source);

bool looksLikeFastText(const Source& source);
Checkpoint readFastText(const Source& source);

bool looksLikeVectors(const Source& source);  // word2vec or GloVe; asked last
Checkpoint readVectors(const Source& source);

}  // namespace sinter::weights

#endif  // SINTER_COMPILER_WEIGHTS_FORMATS_H
