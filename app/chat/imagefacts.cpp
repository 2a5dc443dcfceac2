// SPDX-License-Identifier: MIT
#include "app/chat/imagefacts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace kirotray {

namespace {

constexpr std::string_view Base64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t NotBase64 = 0xFF;
/// A JPEG's size stands behind its colour profile and metadata; each takes one piece of 64 KiB.
constexpr int MaxJpegSegments = 10'000;

constexpr std::array<std::uint8_t, 256> base64Values()
{
    std::array<std::uint8_t, 256> values {};
    for (std::uint8_t &value : values)
        value = NotBase64;
    for (std::size_t at = 0; at < Base64Alphabet.size(); ++at)
        values[static_cast<unsigned char>(Base64Alphabet[at])] = static_cast<std::uint8_t>(at);
    return values;
}

constexpr std::array<std::uint8_t, 256> Base64Values = base64Values();

std::uint8_t base64Value(char c)
{
    return Base64Values[static_cast<unsigned char>(c)];
}

/// The bytes of a file at hand.
class PlainBytes
{
public:
    explicit PlainBytes(std::string_view bytes)
        : m_bytes(bytes)
    {
    }
    std::size_t size() const { return m_bytes.size(); }
    unsigned at(std::size_t index) const { return static_cast<unsigned char>(m_bytes[index]); }

private:
    std::string_view m_bytes;
};

/// The bytes of a file in normal base64, decoded one by one where they are looked at.
class Base64Bytes
{
public:
    explicit Base64Bytes(std::string_view text)
        : m_text(text)
    {
        const std::size_t end = text.find_last_not_of('=');
        const std::size_t digits = end == std::string_view::npos ? 0 : end + 1;
        m_size = digits * 3 / 4;
    }
    std::size_t size() const { return m_size; }
    unsigned at(std::size_t index) const
    {
        const std::size_t digit = index / 3 * 4 + index % 3;
        const unsigned first = base64Value(m_text[digit]);
        const unsigned second = base64Value(m_text[digit + 1]);
        const unsigned shift = 2 * unsigned(index % 3); // 0, 2, 4
        return ((first << (2 + shift)) | (second >> (4 - shift))) & 0xFF;
    }

private:
    std::string_view m_text;
    std::size_t m_size = 0;
};

template <typename Bytes>
bool hasAt(const Bytes &bytes, std::size_t at, std::string_view wanted)
{
    if (at + wanted.size() > bytes.size())
        return false;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (bytes.at(at + i) != static_cast<unsigned char>(wanted[i]))
            return false;
    return true;
}

template <typename Bytes>
std::uint32_t bigEndianAt(const Bytes &bytes, std::size_t at, std::size_t count)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value = (value << 8) | bytes.at(at + i);
    return value;
}

template <typename Bytes>
std::uint32_t littleEndianAt(const Bytes &bytes, std::size_t at, std::size_t count)
{
    std::uint32_t value = 0;
    for (std::size_t i = count; i > 0; --i)
        value = (value << 8) | bytes.at(at + i - 1);
    return value;
}

std::optional<ImageFacts> soundFacts(ImageFacts::Format format, std::uint32_t width,
                                     std::uint32_t height)
{
    constexpr auto largest = std::uint32_t(std::numeric_limits<std::int32_t>::max());
    if (width == 0 || height == 0 || width > largest || height > largest)
        return std::nullopt;
    return ImageFacts {format, int(width), int(height)};
}

/// The header chunk comes first (PNG §11.2.1).
template <typename Bytes>
std::optional<ImageFacts> pngFacts(const Bytes &bytes)
{
    if (bytes.size() < 24 || !hasAt(bytes, 12, "IHDR"))
        return std::nullopt;
    return soundFacts(ImageFacts::Format::Png, bigEndianAt(bytes, 16, 4),
                      bigEndianAt(bytes, 20, 4));
}

template <typename Bytes>
std::optional<ImageFacts> gifFacts(const Bytes &bytes)
{
    if (bytes.size() < 10)
        return std::nullopt;
    return soundFacts(ImageFacts::Format::Gif, littleEndianAt(bytes, 6, 2),
                      littleEndianAt(bytes, 8, 2));
}

/// The three kinds of first chunk: lossy, lossless, extended.
template <typename Bytes>
std::optional<ImageFacts> webpFacts(const Bytes &bytes)
{
    constexpr auto format = ImageFacts::Format::WebP;
    if (hasAt(bytes, 12, "VP8 ") && bytes.size() >= 30 && hasAt(bytes, 23, "\x9D\x01\x2A"))
        return soundFacts(format, littleEndianAt(bytes, 26, 2) & 0x3FFF,
                          littleEndianAt(bytes, 28, 2) & 0x3FFF);
    if (hasAt(bytes, 12, "VP8L") && bytes.size() >= 25 && bytes.at(20) == 0x2F) {
        const std::uint32_t bits = littleEndianAt(bytes, 21, 4);
        return soundFacts(format, (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
    }
    if (hasAt(bytes, 12, "VP8X") && bytes.size() >= 30)
        return soundFacts(format, littleEndianAt(bytes, 24, 3) + 1,
                          littleEndianAt(bytes, 27, 3) + 1);
    return std::nullopt;
}

bool isJpegFrame(unsigned marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// Goes from segment to segment until a frame header gives the size (ITU T.81 §B.2).
template <typename Bytes>
std::optional<ImageFacts> jpegFacts(const Bytes &bytes)
{
    std::size_t at = 2;
    for (int segments = 0; segments < MaxJpegSegments; ++segments) {
        if (at + 4 > bytes.size() || bytes.at(at) != 0xFF)
            return std::nullopt;
        const unsigned marker = bytes.at(at + 1);
        if (marker == 0xFF) { // filling
            ++at;
            continue;
        }
        const bool isAlone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
        if (isAlone) {
            at += 2;
            continue;
        }
        if (marker == 0xD9 || marker == 0xDA || marker == 0x00)
            return std::nullopt;
        const std::size_t length = bigEndianAt(bytes, at + 2, 2);
        if (length < 2)
            return std::nullopt;
        if (isJpegFrame(marker)) {
            if (at + 9 > bytes.size())
                return std::nullopt;
            return soundFacts(ImageFacts::Format::Jpeg, bigEndianAt(bytes, at + 7, 2),
                              bigEndianAt(bytes, at + 5, 2));
        }
        at += 2 + length;
    }
    return std::nullopt;
}

template <typename Bytes>
std::optional<ImageFacts> factsOfBytes(const Bytes &bytes)
{
    if (hasAt(bytes, 0, "\x89PNG\r\n\x1A\n"))
        return pngFacts(bytes);
    if (hasAt(bytes, 0, "\xFF\xD8\xFF"))
        return jpegFacts(bytes);
    if (hasAt(bytes, 0, "GIF87a") || hasAt(bytes, 0, "GIF89a"))
        return gifFacts(bytes);
    if (hasAt(bytes, 0, "RIFF") && hasAt(bytes, 8, "WEBP"))
        return webpFacts(bytes);
    return std::nullopt;
}

/// Bits of the last digit that stand for no byte; strict decoders want them to be zero.
unsigned looseBits(std::size_t digits)
{
    return digits % 4 == 2 ? 0x0F : digits % 4 == 3 ? 0x03 : 0;
}

bool areDigits(std::string_view text)
{
    std::uint8_t seen = 0;
    for (const char c : text)
        seen |= base64Value(c); // the values use six bits
    return (seen & 0xC0) == 0;
}

bool isNormalBase64(std::string_view text)
{
    if (text.empty() || text.size() % 4 != 0)
        return false;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::string_view digits = text.substr(0, text.size() - padding);
    return areDigits(digits) && (base64Value(digits.back()) & looseBits(digits.size())) == 0;
}

} // namespace

std::string_view imageFormatName(ImageFacts::Format format)
{
    switch (format) {
    case ImageFacts::Format::Png:
        return "png";
    case ImageFacts::Format::Jpeg:
        return "jpeg";
    case ImageFacts::Format::Gif:
        return "gif";
    case ImageFacts::Format::WebP:
        return "webp";
    }
    return {};
}

std::optional<ImageFacts> imageFactsOf(std::string_view file)
{
    return factsOfBytes(PlainBytes(file));
}

std::optional<ImageFacts> imageFactsOfBase64(std::string_view base64)
{
    return factsOfBytes(Base64Bytes(base64));
}

std::optional<std::string_view> normalBase64(std::string_view text, std::deque<std::string> &owned)
{
    if (text.starts_with("data:"))
        text.remove_prefix(std::min(text.find(','), text.size() - 1) + 1);
    if (isNormalBase64(text))
        return text;
    std::string digits;
    digits.reserve(text.size() + 2);
    for (const char c : text) {
        const bool isSpace = c == ' ' || (c >= '\t' && c <= '\r');
        if (!isSpace)
            digits.push_back(c == '-' ? '+' : c == '_' ? '/' : c);
    }
    const std::size_t end = digits.find_last_not_of('=');
    digits.resize(end == std::string::npos ? 0 : end + 1);
    if (digits.empty() || digits.size() % 4 == 1 || !areDigits(digits))
        return std::nullopt;
    const unsigned last = base64Value(digits.back()) & ~looseBits(digits.size());
    digits.back() = Base64Alphabet[last];
    digits.append((4 - digits.size() % 4) % 4, '=');
    return owned.emplace_back(std::move(digits));
}

std::string fromNormalBase64(std::string_view base64)
{
    const Base64Bytes bytes(base64);
    std::string file(bytes.size(), '\0');
    for (std::size_t at = 0; at < file.size(); ++at)
        file[at] = static_cast<char>(bytes.at(at));
    return file;
}

} // namespace kirotray
