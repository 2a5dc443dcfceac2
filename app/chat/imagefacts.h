// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace kirotray {

/// What a picture says of itself in its first bytes.
struct ImageFacts
{
    enum class Format { Png, Jpeg, Gif, WebP };
    Format format = Format::Png;
    int width = 0; ///< pixels, at least 1
    int height = 0;
    bool operator==(const ImageFacts &) const = default;
};

/// png, jpeg, gif or webp.
std::string_view imageFormatName(ImageFacts::Format format);

/// Type and size of a PNG, JPEG, GIF or WebP file; nothing for any other, and for one whose header
/// is cut or senseless. Looks at the header only. Pure.
std::optional<ImageFacts> imageFactsOf(std::string_view file);

/// The same of a file in base64 as normalBase64() gives it, without decoding the whole.
std::optional<ImageFacts> imageFactsOfBase64(std::string_view base64);

/// Base64 in the standard alphabet with padding and nothing between: `text` itself when it is so
/// already, else a copy in `owned` with white space, URL-safe characters, a missing padding and a
/// data URL's head put right. Nothing for an empty text and for what is no base64.
std::optional<std::string_view> normalBase64(std::string_view text, std::deque<std::string> &owned);

/// The bytes of a text that normalBase64() gave.
std::string fromNormalBase64(std::string_view base64);

} // namespace kirotray
