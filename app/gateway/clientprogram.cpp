// SPDX-License-Identifier: MIT
#include "app/gateway/clientprogram.h"

#include "app/base/result.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

struct KnownProgram
{
    QLatin1StringView part; ///< of the User-Agent, lower case
    QLatin1StringView name;
};

/// The first that fits; programs before the SDKs they are made with.
constexpr std::array KnownPrograms {
    KnownProgram {"claude-cli/"_L1, "claude-code"_L1},
    KnownProgram {"codex"_L1, "codex"_L1},
    KnownProgram {"geminicli"_L1, "gemini-cli"_L1},
    KnownProgram {"opencode"_L1, "opencode"_L1},
    KnownProgram {"google-genai-sdk/"_L1, "google-genai-sdk"_L1},
    KnownProgram {"ai-sdk/"_L1, "ai-sdk"_L1},
    KnownProgram {"asyncopenai/"_L1, "openai-sdk"_L1},
    KnownProgram {"openai/"_L1, "openai-sdk"_L1},
    KnownProgram {"asyncanthropic/"_L1, "anthropic-sdk"_L1},
    KnownProgram {"anthropic/"_L1, "anthropic-sdk"_L1},
};

constexpr qsizetype MaxAgent = 1000; ///< characters that are looked at
constexpr qsizetype MaxProgramName = 40;

/// "MyTool/1.2 (x)" → mytool
QString leadingName(const QString &agent)
{
    const auto isName = [](QChar letter) {
        return letter.unicode() < 0x80
            && (letter.isLetterOrNumber() || QStringView(u"-_.").contains(letter));
    };
    const auto end = std::find_if_not(agent.begin(), agent.end(), isName);
    return agent.first(std::min<qsizetype>(end - agent.begin(), MaxProgramName));
}

} // namespace

QString clientProgram(const HttpHeaders &headers)
{
    const QByteArray sent = headers.value("user-agent").left(MaxAgent);
    const QString agent = QString::fromLatin1(sent).trimmed().toLower();
    for (const KnownProgram &known : KnownPrograms)
        if (agent.contains(known.part))
            return known.name;
    if (headers.value("originator").startsWith("codex"))
        return u"codex"_s;
    if (headers.value("x-goog-api-client").contains("google-genai-sdk/"))
        return u"google-genai-sdk"_s;
    return leadingName(agent);
}

} // namespace kirotray
