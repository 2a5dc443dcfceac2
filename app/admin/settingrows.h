// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/base/settings.h"

namespace kirotray {

/// The settings that the admin API shows and changes, by their names in the file.

/// One object: name → value.
void writeSettings(JsonWriter &json, const Settings &settings);
/// Checks every member of `wanted` first, then sets them: all or none, unless the file cannot be
/// written. Error::BadInput names the setting.
Result<Done> changeSettings(Settings &settings, const JsonValue &wanted);

} // namespace kirotray
