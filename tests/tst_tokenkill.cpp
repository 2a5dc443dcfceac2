// SPDX-License-Identifier: MIT
#include "app/accounts/accountstore.h"
#include "app/accounts/vault.h"
#include "app/simulator/simulator.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QtEndian>

#include <random>
#include <sodium.h>

using namespace kirotray;

namespace {

constexpr int Lanes = 2; ///< processes at once
constexpr int KillsPerLane = 110;
constexpr int MaxDelay = 20'000; ///< microseconds; several rotations
constexpr int StartDelay = 120'000; ///< microseconds from the start of a process

const QByteArray Passphrase = "correct horse battery staple";
const AccountId Id {u"account-1"_s};

/// A vault of the program's format that holds nothing, with the cheapest key there is: each of the
/// processes opens it, and the usual key takes a tenth of a second.
QByteArray cheapVault()
{
    static constexpr quint64 Passes = crypto_pwhash_argon2id_OPSLIMIT_MIN;
    static constexpr quint64 Memory = crypto_pwhash_argon2id_MEMLIMIT_MIN;
    const auto random = [](qsizetype size) {
        QByteArray bytes(size, '\0');
        randombytes_buf(bytes.data(), size_t(size));
        return bytes;
    };
    const auto bytesOf = [](const QByteArray &bytes) {
        return reinterpret_cast<const unsigned char *>(bytes.constData());
    };
    const QByteArray salt = random(crypto_pwhash_argon2id_SALTBYTES);
    const QByteArray nonce = random(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    QByteArray header("KiroTrayVault\x01");
    for (const quint64 number : {Passes, Memory}) {
        const quint64 little = qToLittleEndian(number);
        header.append(reinterpret_cast<const char *>(&little), sizeof little);
    }
    header += salt + nonce;
    QByteArray key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES, '\0');
    QByteArray sealed(2 + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
    const bool isDerived =
        crypto_pwhash_argon2id(reinterpret_cast<unsigned char *>(key.data()),
                               static_cast<unsigned long long>(key.size()), Passphrase.constData(),
                               static_cast<unsigned long long>(Passphrase.size()), bytesOf(salt),
                               Passes, Memory, crypto_pwhash_argon2id_ALG_ARGON2ID13)
        == 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char *>(sealed.data()),
                                               nullptr, bytesOf("{}"), 2, bytesOf(header),
                                               static_cast<unsigned long long>(header.size()),
                                               nullptr, bytesOf(nonce), bytesOf(key));
    return isDerived ? header + sealed : QByteArray();
}

/// One account in one folder, and the process that renews its token until it is killed.
class Lane : public QObject
{
public:
    Lane(const QUrl &simulator, const QByteArray &firstToken, quint32 seed)
        : m_simulator(simulator)
        , m_random(seed)
        , m_firstToken(firstToken)
    {
        m_kill.setSingleShot(true);
        m_kill.setTimerType(Qt::PreciseTimer);
        connect(&m_process, &QProcess::readyReadStandardOutput, this, &Lane::read);
        connect(&m_process, &QProcess::finished, this, &Lane::onFinished);
        connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
            if (error == QProcess::FailedToStart)
                m_problem = u"the process did not start"_s;
        });
        connect(&m_kill, &QTimer::timeout, &m_process, &QProcess::kill);
    }

    bool prepare()
    {
        QFile file(vaultFile());
        if (!file.open(QIODevice::WriteOnly) || file.write(cheapVault()) <= 0)
            return false;
        file.close();
        AccountStore store(m_folder.filePath(u"accounts.json"_s));
        Account account;
        account.id = Id;
        account.machineId = QString(64, u'a');
        Result<std::unique_ptr<Vault>> vault = openFileVault(vaultFile(), Secret(Passphrase));
        if (!store.put(account) || !vault)
            return false;
        Credential credential;
        credential.accessToken = Secret("aoaOLD");
        credential.refreshToken = Secret(m_firstToken);
        bool isStored = false;
        vault.value()->write(vaultKey(Id), serialise(credential), this,
                             [&](const Result<Done> &done) { isStored = bool(done); });
        QCoreApplication::processEvents();
        m_newest = fingerprintOf(credential);
        m_known.insert(m_newest);
        return isStored;
    }

    void start()
    {
        m_buffer.clear();
        m_process.setProcessChannelMode(QProcess::SeparateChannels);
        m_process.setStandardErrorFile(QProcess::nullDevice());
        m_process.start(
            QStringLiteral(KIROTRAY_ROTATOR),
            {m_folder.path(), m_simulator.toString(), Id.value, QString::fromLatin1(Passphrase)});
        // One in eight dies somewhere on its way up, whatever it has said by then.
        m_killsEarly = m_kills > 0 && m_kills < KillsPerLane && m_random() % 8 == 0;
        if (m_killsEarly)
            m_kill.start(std::chrono::milliseconds(m_random() % (StartDelay / 1000)));
    }

    bool isDone() const
    {
        return !m_problem.isEmpty() || (m_kills > KillsPerLane && !m_process.isOpen());
    }
    QString problem() const { return m_problem; }
    int kills() const
    {
        return m_kills - 1;
    } ///< the last one ends the process that proves the rest
    int renewals() const { return m_renewals; }

private:
    QString vaultFile() const { return m_folder.filePath(u"vault.bin"_s); }

    void read()
    {
        m_buffer += m_process.readAllStandardOutput();
        for (qsizetype end = m_buffer.indexOf('\n'); end >= 0; end = m_buffer.indexOf('\n')) {
            take(QString::fromUtf8(m_buffer.left(end)));
            m_buffer.remove(0, end + 1);
        }
    }

    void take(const QString &line)
    {
        const QString word = line.section(u' ', 0, 0);
        const QString fingerprint = line.section(u' ', 1);
        if (word == u"open")
            takeOpen(fingerprint);
        else if (word == u"stored")
            takeStored(fingerprint);
        else
            m_problem = u"kill %1: %2"_s.arg(m_kills).arg(line);
    }

    /// The newest that was told of, or one that was stored after that and not told of.
    void takeOpen(const QString &fingerprint)
    {
        if (fingerprint != m_newest && m_known.contains(fingerprint))
            m_problem = u"kill %1: the vault holds an older token"_s.arg(m_kills);
        note(fingerprint);
        if (m_killsEarly)
            return;
        // The last process only has to show that the account works.
        if (m_kills < KillsPerLane)
            killAfter(int(m_random() % MaxDelay));
    }

    void takeStored(const QString &fingerprint)
    {
        if (m_known.contains(fingerprint))
            m_problem = u"kill %1: a token was given out and not stored"_s.arg(m_kills);
        note(fingerprint);
        ++m_renewals;
        if (m_kills == KillsPerLane)
            m_process.kill();
    }

    void note(const QString &fingerprint)
    {
        m_newest = fingerprint;
        m_known.insert(fingerprint);
    }

    /// Timers are too coarse for an instant within a rotation.
    void killAfter(int microseconds)
    {
        QElapsedTimer time;
        time.start();
        while (time.nsecsElapsed() < qint64(microseconds) * 1000) { }
        m_process.kill();
    }

    void onFinished(int, QProcess::ExitStatus status)
    {
        m_kill.stop();
        read();
        if (status != QProcess::CrashExit && m_problem.isEmpty())
            m_problem = u"kill %1: the process ended by itself"_s.arg(m_kills);
        m_process.close();
        ++m_kills;
        if (m_kills <= KillsPerLane && m_problem.isEmpty())
            QMetaObject::invokeMethod(this, &Lane::start, Qt::QueuedConnection);
    }

    QUrl m_simulator;
    std::mt19937 m_random;
    QByteArray m_firstToken;
    QTemporaryDir m_folder;
    QProcess m_process;
    QTimer m_kill; ///< of a process that is still starting
    QByteArray m_buffer;
    QString m_newest; ///< fingerprint of the token that was told of last
    QSet<QString> m_known; ///< all that were told of
    QString m_problem;
    int m_kills = 0;
    int m_renewals = 0;
    bool m_killsEarly = false;
};

} // namespace

/// Processes that rotate a real vault's token are killed at random instants. After each kill the
/// vault must hold the newest token that was given out, or a newer one, and the account must work.
///
/// Between the service's rotation and our storing lies the answer's way over the network: a kill
/// there leaves the old token, and nobody could do better. So the simulated service honours the old
/// one until the new one is used (TokenRules::grace) - which also proves that no new token is used
/// before it is stored, for then the old one would be void. How many kills fell there is told.
class TstTokenKill : public QObject
{
    Q_OBJECT

private slots:
    void noKillLosesTheNewerToken();
};

void TstTokenKill::noKillLosesTheNewerToken()
{
    Simulator simulator;
    const Result<QUrl> url = simulator.start();
    QVERIFY(url);
    QByteArrayList tokens;
    for (int lane = 0; lane < Lanes; ++lane)
        tokens.append("aorFIRST" + QByteArray::number(lane) + QByteArray(110, 'x'));
    QVERIFY(simulator.setScript("{\"tokens\":{\"grace\":true,\"refresh\":[\"" + tokens.join("\",\"")
                                + "\"]}}"));
    QElapsedTimer time;
    time.start();
    std::vector<std::unique_ptr<Lane>> lanes;
    for (int lane = 0; lane < Lanes; ++lane) {
        lanes.push_back(std::make_unique<Lane>(url.value(), tokens[lane], 4711U + quint32(lane)));
        QVERIFY(lanes.back()->prepare());
        lanes.back()->start();
    }
    int kills = 0;
    int renewals = 0;
    for (const auto &lane : lanes) {
        QTRY_VERIFY_WITH_TIMEOUT(lane->isDone(), 150'000);
        QVERIFY2(lane->problem().isEmpty(), qPrintable(lane->problem()));
        kills += lane->kills();
        renewals += lane->renewals();
    }
    const SimulatorStatistics counts = simulator.statistics();
    qInfo(
        "survived %d kills in %lld s; %d renewals were told of, the service made %d, and %d kills "
        "fell between its rotation and our storing",
        kills, time.elapsed() / 1000, renewals, counts.socialRefreshes, counts.graceRefreshes);
    QVERIFY(kills >= 200);
    QVERIFY2(renewals > kills / 4, "most kills must fall into rotations");
}

QTEST_GUILESS_MAIN(TstTokenKill)
#include "tst_tokenkill.moc"
