// SPDX-License-Identifier: MIT
#include "app/net/headerlist.h"

namespace kirotray {

QByteArray headerValue(const HeaderList &headers, const QByteArray &name)
{
    for (const auto &[fieldName, value] : headers)
        if (fieldName.compare(name, Qt::CaseInsensitive) == 0)
            return value.isNull() ? QByteArray("") : value;
    return {};
}

} // namespace kirotray
