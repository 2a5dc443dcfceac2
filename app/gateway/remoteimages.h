// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chaterror.h"
#include "app/chat/chatrequest.h"
#include "app/net/httpclient.h"

#include <QHostAddress>

#include <functional>
#include <optional>

namespace kirotray {

/// Pictures that a client names by address only. They are fetched where the user allows it; a
/// client must not reach by this program what it could not reach itself.

/// A picture of the request, of tool results too, has an address instead of data.
bool hasRemoteImages(const ChatRequest &request);

/// An address of the public internet: not this machine, a private or local network, a cloud's
/// metadata, a documentation range or an IPv6 form that wraps one of these.
bool isPublicAddress(const QHostAddress &address);

/// Fetches every such picture: ImagePart::data becomes its base64, ImagePart::url empty. Up to
/// limits::MaxRemoteImages pictures of limits::MaxReplyBody, four at a time, each through at most
/// three redirects. Only http and https, without credentials; a name is looked up first, here, and
/// all of its addresses must be `isAllowed`; plain http then goes to the address that was looked
/// at, so that the name cannot change its meaning (https is safe by its certificate; an explicit
/// proxy looks up for itself). A picture of the last message that cannot be had ends it: the error
/// names ImagePart::path and the host, never the whole address, which may hold a secret. Older ones
/// keep their address, for the builder to leave out; so do all but the newest
/// limits::MaxRemoteImages. Half a minute is the most it takes.
///
/// `done` is called once, from the event loop, never after `context` is gone. `request` outlives
/// both and is not touched by others until then.
void fetchRemoteImages(HttpClient &http, const ProxyChoice &proxy, ChatRequest &request,
                       QObject *context, std::function<void(std::optional<ChatError>)> done,
                       std::function<bool(const QHostAddress &)> isAllowed = isPublicAddress);

} // namespace kirotray
