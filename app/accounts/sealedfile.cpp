// SPDX-License-Identifier: MIT
#include "app/accounts/sealedfile.h"

#include "app/base/limits.h"

#include <QtEndian>

#include <sodium.h>

namespace kirotray {

namespace {

constexpr char SealMagic[] = "KiroTrayVault";
constexpr qsizetype SealMagicSize = sizeof SealMagic - 1;
constexpr char SealVersion = 1;
constexpr qsizetype SealSaltSize = crypto_pwhash_argon2id_SALTBYTES;
constexpr qsizetype SealNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr qsizetype SealTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t SealKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;

// Header: magic, version, passes, memory (both 64 bit, little-endian), salt, nonce.
constexpr qsizetype SealPassesAt = SealMagicSize + 1;
constexpr qsizetype SealMemoryAt = SealPassesAt + 8;
constexpr qsizetype SealSaltAt = SealMemoryAt + 8;
constexpr qsizetype SealNonceAt = SealSaltAt + SealSaltSize;
constexpr qsizetype SealHeaderSize = SealNonceAt + SealNonceSize;

Error sealError(const QString &what)
{
    return {Error::Code::Storage, what};
}

const unsigned char *unsignedBytes(const QByteArray &bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.constData());
}

unsigned char *unsignedBytes(QByteArray &bytes)
{
    return reinterpret_cast<unsigned char *>(bytes.data());
}

QByteArray randomBytes(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    randombytes_buf(bytes.data(), static_cast<std::size_t>(size));
    return bytes;
}

unsigned long long sealSizeOf(const QByteArray &bytes)
{
    return static_cast<unsigned long long>(bytes.size());
}

} // namespace

void SealedFile::LockedFree::operator()(unsigned char *key) const
{
    sodium_free(key);
}

SealedFile::SealedFile(Parameters parameters, LockedKey key)
    : m_parameters(std::move(parameters))
    , m_key(std::move(key))
{
}

Result<SealedFile> SealedFile::derive(const Secret &passphrase, Parameters parameters)
{
    if (sodium_init() < 0)
        return sealError(u"no random numbers are to be had"_s);
    if (parameters.salt.isEmpty())
        parameters.salt = randomBytes(SealSaltSize);
    LockedKey key(static_cast<unsigned char *>(sodium_malloc(SealKeySize)));
    const QByteArray &text = passphrase.reveal();
    if (!key
        || crypto_pwhash_argon2id(key.get(), SealKeySize, text.constData(), sealSizeOf(text),
                                  unsignedBytes(parameters.salt), parameters.passes,
                                  static_cast<std::size_t>(parameters.memory),
                                  crypto_pwhash_argon2id_ALG_ARGON2ID13)
            != 0) {
        return sealError(u"not enough memory to derive the key"_s);
    }
    return SealedFile(std::move(parameters), std::move(key));
}

Result<SealedFile> SealedFile::create(const Secret &passphrase)
{
    return derive(passphrase, {limits::VaultKdfPasses, limits::VaultKdfMemory, {}});
}

Result<SealedFile> SealedFile::open(const QByteArray &bytes, const Secret &passphrase, Secret &text)
{
    if (!bytes.startsWith(QByteArrayView(SealMagic, SealMagicSize)))
        return sealError(u"is no vault of this program"_s);
    if (bytes.size() < SealHeaderSize + SealTagSize)
        return sealError(u"is cut off"_s);
    if (bytes.at(SealMagicSize) != SealVersion)
        return sealError(u"is of another version"_s);
    Parameters parameters;
    parameters.passes = qFromLittleEndian<quint64>(bytes.constData() + SealPassesAt);
    parameters.memory = qFromLittleEndian<quint64>(bytes.constData() + SealMemoryAt);
    parameters.salt = bytes.mid(SealSaltAt, SealSaltSize);
    if (parameters.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN
        || parameters.passes > limits::VaultKdfPassesMax
        || parameters.memory < crypto_pwhash_argon2id_MEMLIMIT_MIN
        || parameters.memory > limits::VaultKdfMemoryMax) {
        return sealError(u"is damaged: impossible key parameters"_s);
    }
    Result<SealedFile> sealed = derive(passphrase, std::move(parameters));
    if (!sealed)
        return sealed;
    const QByteArray header = bytes.first(SealHeaderSize);
    const QByteArray nonce = bytes.mid(SealNonceAt, SealNonceSize);
    const QByteArray cipher = bytes.sliced(SealHeaderSize);
    QByteArray plain(cipher.size() - SealTagSize, Qt::Uninitialized);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(unsignedBytes(plain), nullptr, nullptr,
                                                   unsignedBytes(cipher), sealSizeOf(cipher),
                                                   unsignedBytes(header), sealSizeOf(header),
                                                   unsignedBytes(nonce), sealed.value().m_key.get())
        != 0) {
        return sealError(u"the passphrase is wrong or the file is damaged"_s);
    }
    text = Secret(std::move(plain));
    return sealed;
}

Result<QByteArray> SealedFile::seal(const Secret &text) const
{
    QByteArray out(SealMagic, SealMagicSize);
    out.append(SealVersion);
    for (const quint64 number : {m_parameters.passes, m_parameters.memory}) {
        const quint64 little = qToLittleEndian(number);
        out.append(reinterpret_cast<const char *>(&little), sizeof little);
    }
    out.append(m_parameters.salt);
    // 192 random bits: no counter is needed, even between programs that share a passphrase.
    const QByteArray nonce = randomBytes(SealNonceSize);
    out.append(nonce);
    const QByteArray header = out;
    const QByteArray &plain = text.reveal();
    out.resize(SealHeaderSize + plain.size() + SealTagSize);
    if (crypto_aead_xchacha20poly1305_ietf_encrypt(
            unsignedBytes(out) + SealHeaderSize, nullptr, unsignedBytes(plain), sealSizeOf(plain),
            unsignedBytes(header), sealSizeOf(header), nullptr, unsignedBytes(nonce), m_key.get())
        != 0) {
        return sealError(u"cannot be sealed"_s);
    }
    return out;
}

} // namespace kirotray
