// SPDX-License-Identifier: MIT
#include "app/gateway/storedreplies.h"

#include "app/dialects/storedresponses.h"
#include "app/gateway/answerstore.h"
#include "app/gateway/preparedcall.h"

namespace kirotray {

HttpResponse storedReply(AnswerStore &answers, const Route &route, const HttpRequestHead &head,
                         const ReplyStamp &stamp)
{
    const Dialect &api = dialect(route.dialect);
    const std::string id = route.answerId.toStdString();
    const StoredAnswer *answer = answers.find(id);
    if (answer == nullptr)
        return errorResponse(api,
                             {ChatError::Kind::NotFound,
                              "Response with id '" + id
                                  + "' not found. Answers are kept in memory, when asked for "
                                    "with 'store', and the oldest have to go.",
                              "",
                              {}},
                             stamp);
    if (route.kind == Route::Kind::StoredInput) {
        const auto given = [&head](const char *name) {
            return queryValue(head.query, name).toStdString();
        };
        const Result<ItemPage> page = itemPageOf(given("order"), given("limit"), given("after"));
        if (!page)
            return errorResponse(api, toChatError(page.error()), stamp);
        return jsonResponse(200, encodeInputItems(answer->inputItems, page.value()), stamp);
    }
    if (head.method == "DELETE") {
        answers.remove(id);
        return jsonResponse(200, encodeDeletedResponse(id), stamp);
    }
    if (queryValue(head.query, "stream") == "true")
        return errorResponse(api,
                             {ChatError::Kind::InvalidRequest,
                              "a kept answer is not streamed again; ask without stream",
                              "stream",
                              {}},
                             stamp);
    return jsonResponse(200, answer->document, stamp);
}

} // namespace kirotray
