// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>

namespace kirotray {

struct EventStreamFrame;

/// Watches the attempts of a ChatStream, to record them. Caller's thread.
class ChatTap
{
public:
    ChatTap() = default;
    virtual ~ChatTap() = default;
    ChatTap(const ChatTap &) = delete;
    ChatTap &operator=(const ChatTap &) = delete;

    virtual void attemptStarts(const QByteArray &body) = 0;
    virtual void frameArrived(const EventStreamFrame &frame) = 0; ///< valid during the call only
    virtual void refused(int status, const QByteArray &body) = 0; ///< instead of frames
};

} // namespace kirotray
