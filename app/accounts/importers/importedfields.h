// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/importer.h"

#include <initializer_list>

namespace kirotray {

/// Reads the members of one credential object the way every importer must (kiro-protocol §7): a
/// camelCase name is also found in snake_case, texts are trimmed, times may be ISO text (UTC when
/// no zone is given) or epoch seconds or milliseconds, absent and null and empty mean the same. The
/// first mistake is remembered with its path; no value is ever part of an error.
class ImportedFields
{
public:
    ImportedFields(JsonReader &reader, const JsonValue &object)
        : m_reader(reader)
        , m_object(object)
    {
    }

    /// The first of `names` that is there and not empty.
    QString text(std::initializer_list<std::string_view> names) const;
    QDateTime time(std::string_view name) const; ///< UTC
    std::optional<bool> boolean(std::string_view name) const;
    int integer(std::string_view name, int fallback) const;
    bool has(std::string_view name) const; ///< neither absent nor an empty text

    void fail(std::string_view name, const std::string &what) const;
    bool failed() const { return m_reader.failed(); }

private:
    JsonValue member(std::string_view name) const;

    JsonReader &m_reader;
    JsonValue m_object;
};

/// One flat credential object, as the Kiro IDE and kiro.rs and their relatives write it: fresh id,
/// sign-in method by `authMethod` or by what is there (§7.5 last paragraph), regions checked
/// because host names are made of them, machine id taken over or made at random (§8). `folder` is
/// where a registration named by `clientIdHash` (or by the start URL) lies. On a mistake
/// reader.failed() is set.
ImportedAccount readFlatCredential(JsonReader &reader, const JsonValue &object, const QDir &folder);

} // namespace kirotray
