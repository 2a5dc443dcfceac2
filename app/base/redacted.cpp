// SPDX-License-Identifier: MIT
#include "app/base/result.h"
#include "app/base/secret.h"

#include <QRegularExpression>

#include <optional>
#include <vector>

namespace kirotray {

namespace {

struct Mask
{
    QRegularExpression pattern;
    QString replacement;
};

QRegularExpression maskPattern(const QString &pattern)
{
    return QRegularExpression(pattern, QRegularExpression::CaseInsensitiveOption);
}

// The end of a member's name that marks its value as secret.
const QString SecretName =
    u"(?:token|secret|password|passwd|passphrase|api[_-]?key|private[_-]?key|authorization|"
    "cookie|authn|code[_-]?verifier|device[_-]?code|user[_-]?code|authorization[_-]?code)"_s;
// What a word of a sentence is not: it has a digit, a sign of base64, mixed case or is long.
const QString TokenLike =
    u"(?=[^\\s\"',;]*(?:[\\d+/=_~]|\\.(?=[^\\s\"',;]))|(?-i:[^\\s\"',;]*[a-z][A-Z])|"
    "[^\\s\"',;]{20})"_s;

std::vector<Mask> makeMasks()
{
    const QString quote = uR"re(\\*["'])re"_s; // escaped when the JSON is inside a string
    return {
        // "accessToken":"…", to the closing quote, which has as many backslashes as the opening one
        {maskPattern(u"(%1[\\w.-]*%2%1\\s*:\\s*)(\\\\*)([\"'])(?:(?!(?<!\\\\)\\2\\3).)*"_s.arg(
             quote, SecretName)),
         u"\\1\\2\\3***"_s},
        // Cookie: a=b; c=d
        {maskPattern(uR"re(\b((?:set-)?cookie:\s*)[^\r\n"']+)re"_s), u"\\1***"_s},
        {maskPattern(uR"re(\b(authorization[:=]\s*)[^\r\n"',;}]+)re"_s), u"\\1***"_s},
        {maskPattern(uR"re(\b((?:Bearer|Basic)\s+)%1[^\s"',;]+)re"_s.arg(TokenLike)), u"\\1***"_s},
        // password=…, and --api-key …
        {maskPattern(uR"re(([\w.-]*%1=["']?)[^\s"',;&})\]]+)re"_s.arg(SecretName)), u"\\1***"_s},
        {maskPattern(uR"re((--[\w-]*%1\s+)[^\s"',;-][^\s"',;]*)re"_s.arg(SecretName)), u"\\1***"_s},
        {maskPattern(uR"re(\b((?:password|passwd|passphrase):\s*)[^\s"',;]+)re"_s), u"\\1***"_s},
        // x-api-key: …; in a sentence a plain word may follow
        {maskPattern(uR"re(([\w.-]*%1:\s*)%2[^\s"',;&})\]]+)re"_s.arg(SecretName, TokenLike)),
         u"\\1***"_s},
        {maskPattern(uR"re(([?&](?:key|code|state|sig|signature)=)[^\s&"'#]+)re"_s), u"\\1***"_s},
        {maskPattern(uR"re((?<![\w-])(code=)[^\s&"'#]{16,})re"_s), u"\\1***"_s},
        // http://user:password@host
        {maskPattern(uR"re((://[^\s/@:"']*:)[^\s/@"']+(?=@))re"_s), u"\\1***"_s},
        {QRegularExpression(
             uR"re(\b(?:aoa|aor)(?=[\w~+/=-]*[\dA-Z])[\w.~+/=-]{6,}|\bksk_[\w-]{6,}|\beyJ[\w.+/=-]{8,}|\b(?:kt|sk)-(?=[\w-]*[\dA-Z])[\w-]{16,})re"_s),
         u"***"_s},
    };
}

enum class Letter { Lower, Upper, Digit };

Letter letterKind(QChar c)
{
    if (c.isDigit())
        return Letter::Digit;
    return c.isUpper() ? Letter::Upper : Letter::Lower;
}

/// Random text changes between small, capital and digit at every second character; words, camel
/// case, numbers, names and paths hardly ever do. A capital before a small letter starts a word.
bool isRandomRun(const QString &run)
{
    qsizetype size = 0;
    qsizetype changes = 0;
    std::optional<Letter> before;
    for (const QChar c : run) {
        if (!c.isLetterOrNumber())
            continue;
        const Letter kind = letterKind(c);
        const bool startsWord = before == Letter::Upper && kind == Letter::Lower;
        changes += before && before != kind && !startsWord ? 1 : 0;
        before = kind;
        ++size;
    }
    return size >= 24 && changes * 6 >= size;
}

void maskRandomRuns(QString &text)
{
    // A UUID in front, behind or alone is an id; the rest of its run is judged without it.
    static const QRegularExpression run(
        uR"re([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:(?![0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})[A-Za-z0-9+/_-]){32,}={0,2})re"_s);
    qsizetype from = 0;
    while (true) {
        const QRegularExpressionMatch match = run.match(text, from);
        if (!match.hasMatch())
            return;
        from = match.capturedEnd();
        if (match.capturedLength() == 36 && match.captured()[8] == u'-')
            continue;
        if (!isRandomRun(match.captured()))
            continue;
        text.replace(match.capturedStart(), match.capturedLength(), u"***"_s);
        from = match.capturedStart() + 3;
    }
}

} // namespace

QString redacted(const QString &text)
{
    static const std::vector<Mask> masks = makeMasks();
    QString out = text;
    for (const Mask &mask : masks)
        out.replace(mask.pattern, mask.replacement);
    maskRandomRuns(out);
    return out;
}

} // namespace kirotray
