// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/kiro/requestbuilder.h"

#include <QObject>

#include <optional>

namespace kirotray {

/// A test of what becomes of requests. initTestCase() of the test calls loadTables().
class BuiltStateBench : public QObject
{
protected:
    void loadTables() { m_tables = loadKiroTables({}).tables; }

    /// The conversationState, built with m_options; the whole answer is in m_built.
    std::optional<JsonDocument> built(const ChatRequest &request)
    {
        auto result = buildRequest(request, m_options, *m_tables);
        if (!result) {
            qWarning("%s", qPrintable(describe(result.error())));
            return std::nullopt;
        }
        m_built = std::move(result).value();
        auto state = JsonDocument::parse(m_built.conversationState);
        if (!state)
            return std::nullopt;
        return std::move(state).value();
    }

    KiroTablesPtr m_tables;
    BuildOptions m_options;
    BuiltRequest m_built;
};

} // namespace kirotray
