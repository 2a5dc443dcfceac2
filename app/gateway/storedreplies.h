// SPDX-License-Identifier: MIT
#pragma once

#include "app/gateway/replies.h"
#include "app/gateway/routes.h"

namespace kirotray {

class AnswerStore;

/// Answers GET and DELETE of a kept answer, and GET of its input items. Gateway thread.
HttpResponse storedReply(AnswerStore &answers, const Route &route, const HttpRequestHead &head,
                         const ReplyStamp &stamp);

} // namespace kirotray
