// SPDX-License-Identifier: MIT
#include "app/accounts/pendinganswer.h"
#include "app/accounts/privatefile.h"
#include "app/accounts/sealedfile.h"
#include "app/accounts/vault.h"
#include "app/base/json.h"
#include "app/base/limits.h"

#include <QDir>
#include <QFileInfo>
#include <QLockFile>

#include <map>

namespace kirotray {

namespace {

using SecretMap = std::map<QString, Secret>;

Error vaultFileError(const QString &file, const QString &what)
{
    return {Error::Code::Storage, what, file};
}

Secret secretsText(const SecretMap &secrets)
{
    std::string text;
    JsonWriter writer(text);
    writer.beginObject();
    for (const auto &[key, secret] : secrets)
        writer.member(key.toStdString(), secret.reveal().toBase64().toStdString());
    writer.endObject();
    return Secret(QByteArray::fromStdString(text));
}

Result<SecretMap> secretsOf(const Secret &text)
{
    const Result<JsonDocument> document = JsonDocument::parse(text.reveal().toStdString());
    if (!document)
        return document.error();
    JsonReader reader;
    reader.expect(document.value().root(), JsonValue::Type::Object);
    SecretMap secrets;
    for (const JsonValue value : document.value().root()) {
        reader.expect(value, JsonValue::Type::String);
        const std::string_view key = value.key();
        const std::string_view coded = value.string();
        secrets[QString::fromUtf8(key.data(), static_cast<qsizetype>(key.size()))] = Secret(
            QByteArray::fromBase64(QByteArray(coded.data(), static_cast<qsizetype>(coded.size()))));
    }
    if (reader.failed())
        return reader.error();
    return secrets;
}

/// All secrets in one sealed file. Every change seals and replaces the file before it is answered,
/// so that calls of all keys are in order by themselves.
class FileVault final : public Vault
{
public:
    FileVault(QString file, std::unique_ptr<QLockFile> lock, SealedFile seal, SecretMap secrets)
        : m_file(std::move(file))
        , m_lock(std::move(lock))
        , m_seal(std::move(seal))
        , m_secrets(std::move(secrets))
    {
    }

    void read(const QString &key, QObject *context,
              std::function<void(Result<Secret>)> done) override
    {
        PendingAnswer<Secret> answer(context, std::move(done));
        const auto found = m_secrets.find(key);
        if (found == m_secrets.end())
            answer.give(Error {Error::Code::BadInput, u"not found"_s, key});
        else
            answer.give(found->second);
    }

    void write(const QString &key, const Secret &value, QObject *context,
               std::function<void(Result<Done>)> done) override
    {
        PendingAnswer<Done> answer(context, std::move(done));
        if (value.reveal().size() > limits::MaxSecretItem) {
            answer.give(Error {Error::Code::BadInput, u"the secret is too large"_s, key});
            return;
        }
        SecretMap secrets = m_secrets;
        secrets[key] = value;
        if (secrets.size() > limits::MaxVaultKeys)
            answer.give(vaultFileError(m_file, u"the file holds too many secrets"_s));
        else
            answer.give(replace(std::move(secrets)));
    }

    void remove(const QString &key, QObject *context,
                std::function<void(Result<Done>)> done) override
    {
        PendingAnswer<Done> answer(context, std::move(done));
        SecretMap secrets = m_secrets;
        if (secrets.erase(key) == 0)
            answer.give(Done {});
        else
            answer.give(replace(std::move(secrets)));
    }

    QString description() const override { return m_file; }

private:
    Result<Done> replace(SecretMap secrets)
    {
        if (!m_lock)
            return vaultFileError(m_file, u"is in use by another process"_s);
        const Result<QByteArray> sealed = m_seal.seal(secretsText(secrets));
        if (!sealed)
            return vaultFileError(m_file, sealed.error().what);
        if (const Result<Done> written = writePrivateFile(m_file, sealed.value()); !written)
            return written;
        m_secrets = std::move(secrets);
        return Done {};
    }

    QString m_file;
    std::unique_ptr<QLockFile> m_lock; ///< null: only read
    SealedFile m_seal;
    SecretMap m_secrets;
};

/// Two programs that each write their own idea of the file would lose secrets.
Result<std::unique_ptr<QLockFile>> lockVaultFile(const QString &file)
{
    auto lock = std::make_unique<QLockFile>(file + u".lock"_s);
    lock->setStaleLockTime(0); // stale only when its process is gone
    if (lock->tryLock(0))
        return lock;
    if (lock->error() == QLockFile::LockFailedError)
        return vaultFileError(file, u"is in use by another process"_s);
    return vaultFileError(file, u"its folder cannot be written"_s);
}

} // namespace

namespace {

/// What a file holds, and the means to seal it again.
struct OpenedFile
{
    SealedFile seal;
    SecretMap secrets;
};

Result<OpenedFile> openSealedSecrets(const QString &file, const Secret &passphrase)
{
    QFile source(file);
    if (!source.open(QIODevice::ReadOnly))
        return vaultFileError(file, u"cannot be read: "_s + source.errorString());
    const QByteArray bytes = source.read(limits::MaxVaultFile + 1);
    if (bytes.size() > limits::MaxVaultFile)
        return vaultFileError(file, u"is too large"_s);
    Secret text;
    Result<SealedFile> seal = SealedFile::open(bytes, passphrase, text);
    if (!seal)
        return vaultFileError(file, seal.error().what);
    Result<SecretMap> secrets = secretsOf(text);
    if (!secrets)
        return vaultFileError(file, u"holds no secrets of this program"_s);
    return OpenedFile {std::move(seal).value(), std::move(secrets).value()};
}

Result<OpenedFile> newSealedSecrets(const QString &file, const Secret &passphrase)
{
    Result<SealedFile> seal = SealedFile::create(passphrase);
    if (!seal)
        return vaultFileError(file, seal.error().what);
    return OpenedFile {std::move(seal).value(), {}};
}

} // namespace

Result<std::unique_ptr<Vault>> openFileVault(const QString &file, const Secret &passphrase)
{
    if (passphrase.isEmpty())
        return vaultFileError(file, u"needs a passphrase"_s);
    Result<std::unique_ptr<QLockFile>> lock = lockVaultFile(file);
    if (!lock)
        return lock.error();
    Result<OpenedFile> opened = QFileInfo::exists(file) ? openSealedSecrets(file, passphrase)
                                                        : newSealedSecrets(file, passphrase);
    if (!opened)
        return opened.error();
    OpenedFile content = std::move(opened).value();
    std::unique_ptr<Vault> vault = std::make_unique<FileVault>(
        file, std::move(lock).value(), std::move(content.seal), std::move(content.secrets));
    return vault;
}

Result<std::unique_ptr<Vault>> readFileVault(const QString &file, const Secret &passphrase)
{
    if (passphrase.isEmpty())
        return vaultFileError(file, u"needs a passphrase"_s);
    Result<OpenedFile> opened = openSealedSecrets(file, passphrase);
    if (!opened)
        return opened.error();
    OpenedFile content = std::move(opened).value();
    std::unique_ptr<Vault> vault = std::make_unique<FileVault>(
        file, nullptr, std::move(content.seal), std::move(content.secrets));
    return vault;
}

} // namespace kirotray
