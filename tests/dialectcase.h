// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "tests/eventscript.h"

#include <QString>

#include <initializer_list>
#include <span>
#include <string>
#include <vector>

/// The fixture folders of the client APIs: tests/fixtures/<dialect>/<case>/ with
///
///     request.json  a request of the client; with it chat.txt (what it says) or error.json
///     count.json    instead of it: one of the API's token count
///     target.json   what the URL says: {"model","stream","sse"}, each optional
///     events.txt    an answer (see eventscript.h); with it stream.txt, and answer.json or
///                   failure.json (the answer without a stream), and document.json (the document
///                   that the stream leaves to be stored)
///
/// KIROTRAY_UPDATE_FIXTURES=1 writes the expected files: the diff is the review.
namespace kirotray::dialectcase {

struct DialectFolder
{
    DialectId id;
    const char *name; ///< of the folder, and of the dialect
    int minimum; ///< cases that have to be there
};
/// Those that have cases.
std::vector<DialectFolder> dialectFolders();

/// Rows (DialectId id, QString folder) for every case that has one of the files.
void addRows(std::initializer_list<const char *> files);

AnswerContext context();
QByteArray fileBytes(const QString &path);
/// Why `actual` is not what the file holds; empty when it is. Writes the file when asked to.
QByteArray differenceFromFile(const std::string &actual, const QString &path);
/// A refusal as error.json and failure.json hold it.
std::string errorFile(const ErrorReply &reply);
/// What a client is told of a request that could not be read.
ChatError refusalOf(const Error &error);

/// target.json of the case.
CallTarget targetOf(const QString &folder);
Result<ChatRequest> decoded(const Dialect &api, const QByteArray &body,
                            const CallTarget &target = {});
/// The request of a case, or a short one.
ChatRequest requestOf(const Dialect &api, const QString &folder);

std::vector<ScriptStep> stepsOf(const QString &folder);
/// A stream, and the document it leaves.
struct EncodedStream
{
    std::string bytes;
    std::string document;
};
EncodedStream streamOf(const Dialect &api, const ChatRequest &request,
                       const std::vector<ScriptStep> &steps);
ChatAssembler assembledFrom(const std::vector<ScriptStep> &steps);

/// One server-sent event as a client's parser sees it.
struct SentEvent
{
    QByteArray name;
    QByteArray payload;
};
/// Ends the test program with a message when the stream has another form.
std::vector<SentEvent> sentEvents(const std::string &stream);

} // namespace kirotray::dialectcase
