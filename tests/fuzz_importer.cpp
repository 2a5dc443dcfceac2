// SPDX-License-Identifier: MIT
#include "app/accounts/importer.h"

#include <cstdint>

using namespace kirotray;

/// Any text is refused or gives accounts that the vault and the list can hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size)
{
    const auto found =
        importText(QByteArray(reinterpret_cast<const char *>(bytes), static_cast<qsizetype>(size)),
                   QDir(QStringLiteral("/nonexistent")));
    if (!found)
        return found.error().code == Error::Code::BadInput ? 0 : (std::abort(), 1);
    for (const ImportedAccount &imported : found.value()) {
        const Result<Credential> back = parseCredential(serialise(imported.credential));
        if (!back || !(back.value() == imported.credential)
            || imported.account.fingerprint.size() != 16 || imported.account.machineId.size() != 64)
            std::abort();
    }
    return 0;
}
