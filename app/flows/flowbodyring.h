// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowexport.h"

#include <QStringList>

#include <deque>

namespace kirotray {

/// The views of the last flows, as many as fit. Main thread.
class FlowBodyRing
{
public:
    void setCapacity(qint64 bytes); ///< the oldest beyond it go
    void add(const QString &id, const FlowBodiesPtr &bodies); ///< null is not kept
    FlowBodiesPtr find(const QString &id) const { return m_bodies.value(id); }
    bool contains(const QString &id) const { return m_bodies.contains(id); }
    void remove(const QString &id);
    QStringList ids() const { return m_bodies.keys(); }
    const FlowBodiesById &all() const { return m_bodies; }
    qint64 bytes() const { return m_bytes; }

private:
    void shrink();

    FlowBodiesById m_bodies;
    std::deque<QString> m_order; ///< oldest first
    qint64 m_capacity = 0;
    qint64 m_bytes = 0;
};

} // namespace kirotray
