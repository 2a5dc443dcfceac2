// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/base/secret.h"

#include <QString>

#include <functional>

namespace kirotray {

/// A keychain as the operating system gives it: named items, each replaced whole. One call at a
/// time; it ends at most once, at once or later, and never after the store is gone. Main thread.
class ItemStore
{
public:
    using ReadDone = std::function<void(Result<Secret>)>;
    using WriteDone = std::function<void(Result<Done>)>;

    virtual ~ItemStore() = default;
    /// Error::BadInput: there is no such item. Error::Storage: the keychain failed.
    virtual void read(const QString &name, ReadDone done) = 0;
    virtual void write(const QString &name, const Secret &value, WriteDone done) = 0;
    virtual void remove(const QString &name, WriteDone done) = 0; ///< absent: succeeds
};

} // namespace kirotray
