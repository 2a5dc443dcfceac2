// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpmessage.h"

#include <memory>
#include <optional>

namespace kirotray {

/// Undoes the Content-Encoding of a request body piece by piece (RFC 9110 §8.4). Pure. The bound is
/// on the decoded size and holds while decoding, so that a small bomb never becomes large.
class BodyDecoder
{
public:
    enum class Coding { Identity, Gzip, Deflate, Zstd };
    enum class Status {
        Ok,
        TooLarge, ///< 413
        Corrupt, ///< 400: not of that coding, truncated, or bytes after its end
    };

    /// Absent when the coding is unknown, or when there are several (415).
    static std::optional<Coding> codingOf(const HttpHeaders &headers);

    BodyDecoder(Coding coding, qsizetype maxSize);
    ~BodyDecoder();
    BodyDecoder(const BodyDecoder &) = delete;
    BodyDecoder &operator=(const BodyDecoder &) = delete;

    /// Appends to `body`, which never grows beyond maxSize. A status other than Ok is final.
    Status append(QByteArrayView bytes, std::string &body);
    /// To be asked when the message is complete: Corrupt when the coding has not ended. An empty
    /// body is complete in every coding.
    Status finish() const;

    class Engine;

private:
    std::unique_ptr<Engine> m_engine; ///< null for Identity
    qsizetype m_maxSize;
    bool m_isEmpty = true;
};

} // namespace kirotray
