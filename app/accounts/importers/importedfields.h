// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/importer.h"

#include <functional>
#include <initializer_list>

namespace kirotray {

/// Reads the members of one credential object the way every importer must (kiro-protocol §7): a
/// camelCase name is also found in snake_case, texts are trimmed, times may be ISO text (UTC when
/// no zone is given) or epoch seconds or milliseconds, absent and null and empty mean the same. The
/// first mistake is remembered with its path; no value is ever part of an error.
class ImportedFields
{
public:
    /// What the first object lacks, or has empty, is looked for in the next.
    ImportedFields(JsonReader &reader, std::vector<JsonValue> objects)
        : m_reader(reader)
        , m_objects(std::move(objects))
    {
    }
    ImportedFields(JsonReader &reader, const JsonValue &object)
        : ImportedFields(reader, std::vector {object})
    {
    }

    /// The first of `names` that is there and not empty.
    QString text(std::initializer_list<std::string_view> names) const;
    QDateTime time(std::string_view name) const; ///< UTC; invalid when absent or 0
    std::optional<bool> boolean(std::string_view name) const;
    int integer(std::string_view name, int fallback) const;
    bool has(std::string_view name) const; ///< neither absent nor an empty text

    JsonValue value(std::string_view name) const { return member(name); }
    void fail(std::string_view name, const std::string &what) const;
    bool failed() const { return m_reader.failed(); }

private:
    JsonValue member(std::string_view name) const;

    JsonReader &m_reader;
    std::vector<JsonValue> m_objects; ///< at least one
};

/// One credential, flat or in several objects (see ImportedFields), as the Kiro IDE and kiro.rs and
/// their relatives write it: fresh id, sign-in method by `authMethod` or by what is there (§7.5
/// last paragraph), regions and hosts checked because tokens are sent there, machine id taken over
/// or made at random (§8). `folder` is where a registration named by `clientIdHash` (or by the
/// start URL) lies. On a mistake reader.failed() is set.
ImportedAccount readFlatCredential(JsonReader &reader, std::vector<JsonValue> objects,
                                   const QDir &folder);

/// ISO 8601 has four digits for the year; another zone's may be one more.
bool canBeStored(const QDateTime &utc);

/// An account that was read whole (our own export): regions, hosts, proxy and machine id as
/// readFlatCredential() demands them.
void checkImportedAccount(const ImportedFields &fields, const Account &account);

/// Every element of `list` by `readItem`, or the first mistake.
Result<std::vector<ImportedAccount>>
readEntries(JsonReader &reader, const JsonValue &list,
            const std::function<ImportedAccount(const JsonValue &)> &readItem);

/// The root, one flat credential or an array of such.
Result<std::vector<ImportedAccount>> readFlatEntries(const ImportSource &source);

/// The root, or the first element of it, is an object with one of these members.
bool firstEntryHas(const JsonValue &root, std::initializer_list<std::string_view> names);

} // namespace kirotray
