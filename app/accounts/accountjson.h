// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"
#include "app/base/json.h"

namespace kirotray {

/// The members of an account, as accounts.json and our own exports hold them; into an object that
/// is open.
void writeAccountMembers(JsonWriter &writer, const Account &account);
/// On a mistake reader.failed() is set.
Account readAccount(JsonReader &reader, const JsonValue &value);

} // namespace kirotray
