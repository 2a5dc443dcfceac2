// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <string>
#include <utility>
#include <variant>

namespace kirotray {

using namespace Qt::Literals::StringLiterals;

/// What went wrong, in terms the caller can act on. Never carries a secret.
struct Error
{
    enum class Code {
        Cancelled, ///< the caller or the user gave up: say nothing
        Timeout, ///< retry
        Network, ///< retry
        Unauthorized, ///< sign in again
        RateLimited, ///< retry later
        BadInput, ///< fix what was passed in
        Upstream, ///< the other side answered nonsense or refused: report
        Storage, ///< a file or the keychain failed: report
    };
    Code code = Code::Upstream;
    QString what; ///< English, for developers and logs
    QString path = {}; ///< JSON path or file name of the offending value; empty when there is none
    int httpStatus = 0; ///< 0 when no response arrived
};

/// "path: what" when a path is known, else "what".
inline QString describe(const Error &error)
{
    return error.path.isEmpty() ? error.what : error.path + u": "_s + error.what;
}

/// A value or the reason why there is none (std::expected is C++23).
template <typename T>
class [[nodiscard]] Result
{
public:
    // Both conversions are implicit on purpose: `return value;` and `return Error{…};`.
    Result(T value)
        : m_value(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_value(std::in_place_index<1>, std::move(error))
    {
    }

    explicit operator bool() const noexcept { return m_value.index() == 0; }
    const T &value() const &
    {
        Q_ASSERT(*this);
        return *std::get_if<0>(&m_value);
    }
    T &&value() &&
    {
        Q_ASSERT(*this);
        return std::move(*std::get_if<0>(&m_value));
    }
    const Error &error() const
    {
        Q_ASSERT(!*this);
        return *std::get_if<1>(&m_value);
    }

private:
    std::variant<T, Error> m_value;
};

/// The value of a Result that only succeeds or fails.
struct Done
{
};

} // namespace kirotray
