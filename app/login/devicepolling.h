// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/limits.h"
#include "app/kiro/oidccalls.h"

#include <algorithm>
#include <chrono>

namespace kirotray {

/// How often a device code is asked for (RFC 8628 §3.5). Pure.
class DevicePolling
{
public:
    struct Pace
    {
        std::chrono::milliseconds least = limits::DevicePollMin;
        std::chrono::milliseconds slowDown = limits::DevicePollSlowDown;
        std::chrono::milliseconds most = limits::DevicePollMax;
    };

    DevicePolling(std::chrono::milliseconds interval, Pace pace)
        : m_pace(pace)
        , m_interval(std::clamp(interval, pace.least, pace.most))
    {
    }

    /// Until the next question, after an answer that leaves it open. slow_down lasts for all that
    /// follow; a failed call doubles the wait until one is answered again.
    std::chrono::milliseconds waitAfter(OidcTokenReply::Verdict verdict)
    {
        if (verdict == OidcTokenReply::Verdict::Failed) {
            m_backoff = std::min(std::max(m_backoff, m_interval) * 2, m_pace.most);
            return m_backoff;
        }
        m_backoff = {};
        if (verdict == OidcTokenReply::Verdict::SlowDown)
            m_interval = std::min(m_interval + m_pace.slowDown, m_pace.most);
        return m_interval;
    }
    std::chrono::milliseconds interval() const { return m_interval; }

private:
    Pace m_pace;
    std::chrono::milliseconds m_interval;
    std::chrono::milliseconds m_backoff {0};
};

} // namespace kirotray
