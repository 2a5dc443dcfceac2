// SPDX-License-Identifier: MIT
#include "app/base/secret.h"

#include "app/base/result.h"

#include <QRandomGenerator>
#include <QRegularExpression>

#include <array>
#include <sodium.h>

namespace kirotray {

bool Secret::constantTimeEquals(QByteArrayView other) const
{
    return m_bytes.size() == other.size()
        && sodium_memcmp(m_bytes.constData(), other.data(), static_cast<std::size_t>(other.size()))
        == 0;
}

QDebug operator<<(QDebug debug, const Secret &secret)
{
    const QDebugStateSaver saver(debug);
    debug.nospace() << (secret.isEmpty() ? "Secret(empty)" : "Secret(***)");
    return debug;
}

QByteArray randomToken(int bytes)
{
    QByteArray random((bytes + 3) / 4 * 4, Qt::Uninitialized);
    QRandomGenerator::system()->generate(
        reinterpret_cast<quint32 *>(random.data()),
        reinterpret_cast<quint32 *>(random.data() + random.size()));
    return random.first(bytes).toBase64(QByteArray::Base64UrlEncoding
                                        | QByteArray::OmitTrailingEquals);
}

namespace {

struct Mask
{
    QRegularExpression pattern;
    QString replacement;
};

const std::array<Mask, 5> &masks()
{
    using Re = QRegularExpression;
    static const std::array<Mask, 5> all {
        Mask {Re(uR"re((\b(?:Bearer|Basic)\s+)[^\s"',;]+)re"_s, Re::CaseInsensitiveOption),
              u"\\1***"_s},
        // JSON members and `name: value` lines
        Mask {
            Re(uR"re(("?[\w-]*(?:token|secret|password|passphrase|api[_-]?key|authorization|cookie)"?\s*[:=]\s*"?)(?!(?:Bearer|Basic)\b)[^\s"',;&}]+)re"_s,
               Re::CaseInsensitiveOption),
            u"\\1***"_s},
        Mask {Re(uR"re(([?&](?:key|code|state|code_verifier)=)[^\s&"']+)re"_s,
                 Re::CaseInsensitiveOption),
              u"\\1***"_s},
        Mask {Re(uR"re(\b(?:aoa|aor|ksk_|kt-|eyJ)[\w.~+/=-]{6,})re"_s), u"***"_s},
        Mask {
            Re(uR"re((?<![\w+/=-])(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[A-Za-z0-9+/_-]{40,}={0,2})re"_s),
            u"***"_s},
    };
    return all;
}

} // namespace

QString redacted(const QString &text)
{
    QString out = text;
    for (const Mask &mask : masks())
        out.replace(mask.pattern, mask.replacement);
    return out;
}

} // namespace kirotray
