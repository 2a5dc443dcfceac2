// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QObject>
#include <QPointer>

#include <functional>
#include <utility>

namespace kirotray {

/// The one answer that an asynchronous call owes: given once, queued, and not after the context is
/// gone. Dropped without being given, it reports Error::Cancelled. Main thread.
template <typename T>
class PendingAnswer
{
public:
    PendingAnswer() = default;
    PendingAnswer(QObject *context, std::function<void(Result<T>)> done)
        : m_context(context)
        , m_done(std::move(done))
    {
    }
    PendingAnswer(PendingAnswer &&other) noexcept
        : m_context(std::exchange(other.m_context, nullptr))
        , m_done(std::exchange(other.m_done, nullptr))
    {
    }
    PendingAnswer &operator=(PendingAnswer &&other) noexcept
    {
        std::swap(m_context, other.m_context);
        std::swap(m_done, other.m_done);
        return *this;
    }
    ~PendingAnswer() { give(Error {Error::Code::Cancelled, u"cancelled"_s}); }

    bool isOpen() const { return m_done != nullptr; }
    void give(Result<T> result)
    {
        std::function<void(Result<T>)> done = std::exchange(m_done, nullptr);
        if (!done || m_context.isNull())
            return;
        QMetaObject::invokeMethod(
            m_context.data(),
            [done = std::move(done), result = std::move(result)] { done(result); },
            Qt::QueuedConnection);
    }

private:
    QPointer<QObject> m_context;
    std::function<void(Result<T>)> m_done;
};

} // namespace kirotray
