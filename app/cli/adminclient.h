// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/cli/commands.h"
#include "app/gateway/adminmessages.h"

#include <QObject>

#include <functional>
#include <memory>

namespace kirotray {

class HttpClient;
class Vault;

/// Where a command's admin operations are carried out: by the program that runs for the data
/// folder, or, where none runs, by a core of its own. Main thread.
class AdminClient : public QObject
{
    Q_OBJECT
public:
    /// `then` gets a client once it can be asked; not when that failed: then the reason was printed
    /// and `done` called.
    static void open(const CommandLine &line, QObject *owner, const CommandDone &done,
                     std::function<void(AdminClient &)> then);
    ~AdminClient() override;

    using Answer = std::function<void(const AdminReply &)>;
    /// `path` may hold a query. `answer` once; network failures come as status 502.
    void call(const QByteArray &method, const QString &path, const std::string &body,
              Answer answer);
    /// Ends the command; a core of its own settles before.
    void end(ExitCode code);
    /// Prints the error of a reply and ends the command with the code that fits.
    void fail(const AdminReply &reply);

    Core *core() const { return m_core; } ///< null: another program answers
    /// Where secrets are, of whichever program. As they are now: the reference is good until the
    /// next call.
    Vault &vault();

private:
    AdminClient(const CommandLine &line, QObject *owner, const CommandDone &done);
    void findProgram(const std::function<void(AdminClient &)> &then);
    void readToken(const std::function<void(AdminClient &)> &then);
    void openOwnCore(const std::function<void(AdminClient &)> &then);

    CommandLine m_line;
    CommandDone m_done;
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<Vault> m_vault; ///< of the other program
    bool m_hasVault = true; ///< false: it could not be opened, m_vault is empty
    Secret m_passphrase; ///< of its file; empty: not asked for yet
    Core *m_core = nullptr; ///< child
    QUrl m_baseUrl;
    Secret m_token;
};

/// The members of a reply's `error`, as one line.
QString errorLine(const AdminReply &reply);

} // namespace kirotray
