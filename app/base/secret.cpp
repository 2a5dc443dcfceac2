// SPDX-License-Identifier: MIT
#include "app/base/secret.h"

#include <QRandomGenerator>

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

} // namespace kirotray
