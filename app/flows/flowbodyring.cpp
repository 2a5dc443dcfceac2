// SPDX-License-Identifier: MIT
#include "app/flows/flowbodyring.h"

#include <algorithm>

namespace kirotray {

void FlowBodyRing::setCapacity(qint64 bytes)
{
    m_capacity = bytes;
    shrink();
}

void FlowBodyRing::add(const QString &id, const FlowBodiesPtr &bodies)
{
    if (!bodies)
        return;
    remove(id);
    m_bodies.insert(id, bodies);
    m_order.push_back(id);
    m_bytes += bodies->bytes();
    shrink();
}

void FlowBodyRing::remove(const QString &id)
{
    const FlowBodiesPtr bodies = m_bodies.take(id);
    if (!bodies)
        return;
    m_bytes -= bodies->bytes();
    m_order.erase(std::find(m_order.begin(), m_order.end(), id));
}

void FlowBodyRing::shrink()
{
    while (m_bytes > m_capacity && !m_order.empty()) {
        const FlowBodiesPtr oldest = m_bodies.take(m_order.front());
        m_order.pop_front();
        m_bytes -= oldest->bytes();
    }
}

} // namespace kirotray
