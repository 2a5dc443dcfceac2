// SPDX-License-Identifier: MIT
#pragma once

#include "app/simulator/scenario.h"

#include <initializer_list>
#include <string_view>

namespace kirotray {

/// JsonReader with what a script needs beside: no unknown members, bounded numbers, durations.
class ScenarioReader : public JsonReader
{
public:
    /// An object with no member outside `keys`; false and an error otherwise.
    bool objectWith(const JsonValue &value, std::initializer_list<std::string_view> keys);
    int integer(const JsonValue &object, std::string_view key, int fallback, int least,
                int most = 1'000'000'000);
    std::chrono::milliseconds milliseconds(const JsonValue &object, std::string_view key);
    std::string text(const JsonValue &object, std::string_view key); ///< empty when absent
    bool flag(const JsonValue &object, std::string_view key, bool fallback);
    QByteArray bytes(const JsonValue &object, std::string_view key)
    {
        return toBytes(text(object, key));
    }

    static QByteArray toBytes(const std::string &text) { return QByteArray::fromStdString(text); }
};

/// One element of `steps`.
ScenarioStep readStep(const JsonValue &value, ScenarioReader &reader);
/// The object of `httpError`; `extraKeys` are members that the caller reads.
HttpFailure readHttpFailure(const JsonValue &value, ScenarioReader &reader,
                            std::initializer_list<std::string_view> extraKeys = {});

} // namespace kirotray
