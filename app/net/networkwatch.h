// SPDX-License-Identifier: MIT
#pragma once

#include <QObject>

namespace kirotray {

/// Tells when the network comes back, where the system can say so; elsewhere it is silent. Main
/// thread.
class NetworkWatch : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    /// Asks the system from now on. False: it has nothing to say.
    bool start();
    void note(bool isReachable); ///< what the system says, for it and for tests

signals:
    void returned(); ///< the network was gone and is there again

private:
    bool m_isReachable = true;
};

} // namespace kirotray
