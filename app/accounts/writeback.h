// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"

namespace kirotray {

/// Puts a renewed credential into the file of another program that the account follows, where that
/// file still holds the refresh token it was renewed from: a JSON file or a kiro-cli database
/// (kiro-protocol §7.1, §7.2). Only the tokens and their end are replaced, every other byte stays.
/// Before the first change what was there is kept beside it (`<file>.kirotray-backup`, 0600). JSON
/// is replaced by rename, a database changed in one transaction. Error::BadInput: it holds another
/// token by now, or is no such file; Error::Storage: it cannot be written. Blocks for as long as
/// the other program locks its database, half a second at most.
Result<Done> writeBack(const QString &file, const Secret &replaced, const Credential &renewed);

/// `text` with the tokens of `renewed` in the one object whose refresh token is `replaced`, in
/// either spelling. Error::BadInput: there is none, or more than one. Pure.
Result<QByteArray> withRenewedTokens(const QByteArray &text, const Secret &replaced,
                                     const Credential &renewed);

} // namespace kirotray
