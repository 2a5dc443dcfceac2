// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/base/secret.h"

#include <memory>

namespace kirotray {

/// The form of a file sealed with a passphrase: a header (magic, version, Argon2id passes and
/// memory, salt, nonce) and XChaCha20-Poly1305 over the text, with the header as associated data.
/// The key is derived once and kept in locked memory; each sealing takes a new random nonce. Pure.
class SealedFile
{
public:
    /// With a new salt and the parameters of limits. Error::Storage: not enough memory.
    static Result<SealedFile> create(const Secret &passphrase);
    /// Takes salt and parameters from `bytes` and puts what they hold into `text`. Error::Storage
    /// for anything but this passphrase and an intact file.
    static Result<SealedFile> open(const QByteArray &bytes, const Secret &passphrase, Secret &text);

    Result<QByteArray> seal(const Secret &text) const;

private:
    struct Parameters
    {
        quint64 passes = 0;
        quint64 memory = 0; ///< bytes
        QByteArray salt;
    };
    struct LockedFree
    {
        void operator()(unsigned char *key) const; ///< erases, unlocks and frees
    };
    using LockedKey = std::unique_ptr<unsigned char, LockedFree>;

    SealedFile(Parameters parameters, LockedKey key);
    static Result<SealedFile> derive(const Secret &passphrase, Parameters parameters);

    Parameters m_parameters;
    LockedKey m_key;
};

} // namespace kirotray
