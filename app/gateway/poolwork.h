// SPDX-License-Identifier: MIT
#pragma once

#include <QFutureWatcher>
#include <QObject>
#include <QPromise>
#include <QThreadPool>

#include <functional>
#include <memory>

namespace kirotray {

/// Runs `work` on a thread of the global pool and hands its result to `done` on this thread; never
/// after `context` is gone. `work` must own, or outlive with, all it touches. (QFuture::then with a
/// context reads that context on the pool's thread in Qt 6.4, so a watcher is used.)
template <typename Value>
void runOnPool(QObject *context, std::function<Value()> work, std::function<void(Value &)> done)
{
    using Shared = std::shared_ptr<Value>;
    auto promise = std::make_shared<QPromise<Shared>>();
    auto *watcher = new QFutureWatcher<Shared>(context);
    QObject::connect(watcher, &QFutureWatcher<Shared>::finished, context,
                     [watcher, done = std::move(done)] {
                         watcher->deleteLater();
                         done(*watcher->result());
                     });
    promise->start();
    watcher->setFuture(promise->future());
    QThreadPool::globalInstance()->start([promise, work = std::move(work)] {
        promise->addResult(std::make_shared<Value>(work()));
        promise->finish();
    });
}

} // namespace kirotray
