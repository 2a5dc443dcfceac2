// SPDX-License-Identifier: MIT
#include "tests/canarybench.h"

#include "app/accounts/accountstore.h"
#include "app/accounts/vault.h"
#include "app/base/log.h"
#include "tests/rawcall.h"

#include <QDirIterator>
#include <QFile>
#include <QRandomGenerator>
#include <QUrl>

#include <cstdio>

namespace kirotray {

namespace {

QByteArray randomHex()
{
    return QByteArray::number(QRandomGenerator::system()->generate64(), 16).rightJustified(16, '0');
}

QByteArray readWhole(const QString &file)
{
    QFile handle(file);
    return handle.open(QIODevice::ReadOnly) ? handle.readAll() : QByteArray();
}

/// How a text may stand in a file: as it is, in UTF-16, in Base64 at each of its three offsets.
QByteArrayList formsOf(const QByteArray &secret)
{
    QByteArrayList forms {secret, secret.toHex()};
    const QString text = QString::fromLatin1(secret);
    forms.append(QByteArray(reinterpret_cast<const char *>(text.utf16()), text.size() * 2));
    for (qsizetype skip = 0; skip < 3; ++skip) {
        const qsizetype length = (secret.size() - skip) / 3 * 3;
        forms.append(secret.mid(skip, length).toBase64(QByteArray::Base64UrlEncoding));
    }
    return forms;
}

} // namespace

QByteArray CanaryBench::canary(const QString &place)
{
    QByteArray &secret = m_canaries[place];
    if (secret.isEmpty())
        secret = "canary" + randomHex() + randomHex();
    return secret;
}

QStringList CanaryBench::findIn(const QByteArray &text, const QString &where) const
{
    QStringList found;
    for (auto secret = m_canaries.begin(); secret != m_canaries.end(); ++secret)
        for (const QByteArray &form : formsOf(secret.value()))
            if (text.contains(form)) {
                const qsizetype at = text.indexOf(form);
                found.append(secret.key() + u": "_s + where + u": "_s
                             + QString::fromLatin1(text.mid(qMax<qsizetype>(0, at - 80), 200)));
                break;
            }
    return found;
}

QStringList CanaryBench::findInFolder(const QString &folder) const
{
    QStringList found;
    QDirIterator files(folder, QDir::Files | QDir::Hidden | QDir::System,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString file = files.next();
        found += findIn(readWhole(file), file) + findIn(file.toUtf8(), u"file name"_s);
    }
    return found;
}

void CanaryBench::keep(const QString &what, const QByteArray &text)
{
    m_kept[what] += text + '\n';
}

QStringList CanaryBench::findInKept() const
{
    QStringList found;
    for (auto kept = m_kept.begin(); kept != m_kept.end(); ++kept)
        found += findIn(kept.value(), kept.key());
    return found;
}

bool CanaryBench::open()
{
    QLoggingCategory::setFilterRules(u"kirotray.*=true"_s);
    // What anything prints, past the log too.
    if (std::freopen(QFile::encodeName(data.filePath(u"stderr.txt"_s)).constData(), "ab", stderr)
        == nullptr)
        return false;
    if (!installLog(data.filePath(u"kirotray.log"_s), true))
        return false;
    CoreOptions options;
    options.dataDir = data.path();
    options.vault = VaultKind::File;
    options.vaultPassphrase = Secret(canary(u"vault passphrase"_s));
    options.apiKey = Secret(canary(u"client key"_s));
    options.port = quint16(0);
    core = std::make_unique<Core>(options);
    connect(core.get(), &Core::requestFinished, this, [this](const FlowRecord &flow) {
        flows.push_back(flow);
        keep(
            u"flow"_s,
            (QStringList {flow.route, flow.accountReason, flow.outcome, flow.client, flow.clientKey,
                          flow.conversation, flow.modelAsked, flow.changes.join(u'\n')})
                .join(u'\n')
                .toUtf8());
        for (const FlowAttempt &attempt : flow.tries)
            keep(u"attempt"_s, (attempt.host + u' ' + attempt.what).toUtf8());
    });
    const Result<Done> opened = core->open();
    keep(u"warnings"_s, core->warnings().join(u'\n').toUtf8());
    return bool(opened);
}

bool CanaryBench::serve()
{
    core->start();
    return QTest::qWaitFor([this] { return core->status().state == ProxyState::Running; });
}

bool CanaryBench::close()
{
    for (const Account &account : core->accounts().accounts())
        keep(u"account"_s, (account.note + account.fingerprint + account.label).toUtf8());
    keep(u"status"_s, core->status().problem.toUtf8());
    core->stop();
    const bool isStopped =
        QTest::qWaitFor([this] { return core->status().state == ProxyState::Stopped; }, 15'000);
    core.reset();
    uninstallLog();
    std::fflush(stderr);
    return isStopped;
}

bool CanaryBench::learnIssuedSecrets()
{
    const Result<std::unique_ptr<Vault>> vault =
        openFileVault(data.filePath(u"vault.bin"_s), Secret(canary(u"vault passphrase"_s)));
    AccountStore accounts(data.filePath(u"accounts.json"_s));
    if (!vault || !accounts.load())
        return false;
    int pending = 0;
    for (const QString &item : {u"admin-token"_s, u"api-key"_s}) {
        ++pending;
        vault.value()->read(item, this, [&, item](const Result<Secret> &secret) {
            --pending;
            if (secret)
                m_canaries[u"of the vault, "_s + item] = secret.value().reveal();
        });
    }
    for (const Account &account : accounts.accounts()) {
        ++pending;
        vault.value()->read(vaultKey(account.id), this, [&](const Result<Secret> &text) {
            --pending;
            const Result<Credential> credential =
                text ? parseCredential(text.value()) : Result<Credential>(text.error());
            if (!credential)
                return;
            const QString place = u"of the vault, account "_s + account.id.value;
            for (const Secret *secret :
                 {&credential.value().accessToken, &credential.value().refreshToken,
                  &credential.value().clientSecret})
                if (!secret->isEmpty())
                    m_canaries[place + QString::number(m_canaries.size())] = secret->reveal();
        });
    }
    return QTest::qWaitFor([&] { return pending == 0; });
}

void CanaryBench::import(const QString &name, const QByteArray &json)
{
    QFile file(elsewhere.filePath(name));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(json) == json.size());
    file.close();
    bool isDone = false;
    core->importFiles({file.fileName()}, this, [&](const std::vector<ImportOutcome> &outcomes) {
        isDone = true;
        for (const ImportOutcome &outcome : outcomes)
            keep(u"import"_s, outcome.error ? describe(*outcome.error).toUtf8() : QByteArray("ok"));
    });
    QTRY_VERIFY(isDone);
}

int CanaryBench::call(const QByteArray &request, const QByteArrayList &headers,
                      const QByteArray &body)
{
    RawCall call(core->status().baseUrl, request, headers, body);
    if (!QTest::qWaitFor([&] { return call.isComplete() || call.isClosed(); }, 15'000))
        return 0;
    keep(u"answer to "_s + QString::fromLatin1(request.left(20)), call.received());
    return call.status();
}

} // namespace kirotray
