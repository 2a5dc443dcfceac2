// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/clientkeys.h"

namespace kirotray {

/// Reads clientkeys.json; a missing file is an empty list. Error::BadInput with path: it is no
/// valid list; Error::Storage: it cannot be read.
Result<std::vector<ClientKey>> readClientKeys(const QString &file);

/// By atomic replace. Error::Storage.
Result<Done> writeClientKeys(const QString &file, const std::vector<ClientKey> &keys);

/// Why a key cannot be in the list; an empty text when it can. Other keys of the list must have
/// other names, upper and lower case being the same.
QString whyKeyIsRefused(const ClientKey &key, const std::vector<ClientKey> &keys);

} // namespace kirotray
