// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/kirotables.h"

#include <QString>

#include <memory>
#include <span>

namespace kirotray {

/// The upstream's model for a client's name, and how it was found (kiro-protocol §9.1).
struct ModelChoice
{
    QString id; ///< as the upstream is asked; never empty
    bool wantsThinking = false; ///< the name carried the thinking suffix
    std::shared_ptr<const KiroModel> model; ///< null: listed nowhere, nothing is known of it
    QString rule; ///< in words, such as "alias gpt-*": for the flow and x-kirotray-model
};

/// The first that fits:
///  1. the exact id, with or without case;
///  2. provider prefixes, [1m], dates, -latest, -agentic, Bedrock versions and the thinking suffix
///     removed, Claude names in the upstream's spelling;
///  3. the alias table, by the whole name and by what is left of it; a target that is not listed
///     becomes the newest listed one of its family, or stays when there is none;
///  4. the newest listed model of a Claude family that the name mentions;
///  5. a Claude name that is listed nowhere, in the upstream's spelling;
///  6. the table's default model;
///  7. the name as the client sent it: the upstream may know more than any list.
/// [1m] takes the long-context twin where one is listed. `listed` is the account's own list; empty:
/// the table's. `thinkingSuffix` is a setting, compared without case; empty: no suffix turns
/// thinking on, and "-thinking" is dropped like the others. Pure; any thread.
ModelChoice chooseModel(const KiroTables &tables, std::span<const KiroModel> listed,
                        const QString &clientName, const QString &thinkingSuffix);

} // namespace kirotray
