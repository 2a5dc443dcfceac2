// SPDX-License-Identifier: MIT
#include "app/http/bodydecoder.h"

#include "app/base/limits.h"

#include <array>
#include <zlib.h>
#include <zstd.h>

namespace kirotray {

/// One coding. Every call reads from the front of `bytes` and gives at most one buffer of output.
class BodyDecoder::Engine
{
public:
    enum class Step { More, NeedInput, Corrupt };

    Engine() = default;
    virtual ~Engine() = default;
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;

    /// More: call again, even without input. `out` gets the decoded bytes.
    virtual Step step(QByteArrayView &bytes, std::string_view &out) = 0;
    virtual bool isComplete() const = 0;

protected:
    std::array<char, limits::SocketPiece> m_buffer;
};

namespace {

constexpr int GzipWindow = 15 + 16; ///< zlib.h: 16 selects the gzip wrapper
constexpr int ZlibWindow = 15;

class InflateEngine final : public BodyDecoder::Engine
{
public:
    explicit InflateEngine(int windowBits)
        : m_isGzip(windowBits == GzipWindow)
        , m_isReady(inflateInit2(&m_stream, windowBits) == Z_OK)
    {
    }
    ~InflateEngine() override { inflateEnd(&m_stream); }

    Step step(QByteArrayView &bytes, std::string_view &out) override
    {
        if (!m_isReady)
            return Step::Corrupt;
        if (m_isComplete && !bytes.isEmpty()) {
            // RFC 1952 §2.2: a gzip file may have several members; nothing may follow zlib data.
            if (!m_isGzip || inflateReset(&m_stream) != Z_OK)
                return Step::Corrupt;
            m_isComplete = false;
        }
        if (m_isComplete)
            return Step::NeedInput;
        // zlib's interface is not const-correct without ZLIB_CONST; it does not write to the input.
        m_stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
        m_stream.avail_in = static_cast<uInt>(bytes.size());
        m_stream.next_out = reinterpret_cast<Bytef *>(m_buffer.data());
        m_stream.avail_out = static_cast<uInt>(m_buffer.size());
        const int result = inflate(&m_stream, Z_NO_FLUSH);
        bytes = bytes.last(static_cast<qsizetype>(m_stream.avail_in));
        out = {m_buffer.data(), m_buffer.size() - m_stream.avail_out};
        if (result == Z_STREAM_END) {
            m_isComplete = true;
            return bytes.isEmpty() ? Step::NeedInput : Step::More;
        }
        if (result == Z_BUF_ERROR) // neither input nor output was possible
            return Step::NeedInput;
        return result == Z_OK ? Step::More : Step::Corrupt;
    }
    bool isComplete() const override { return m_isComplete; }

private:
    z_stream m_stream = {};
    bool m_isGzip;
    bool m_isComplete = false;
    bool m_isReady;
};

class ZstdEngine final : public BodyDecoder::Engine
{
public:
    ZstdEngine()
        : m_stream(ZSTD_createDStream())
    {
        if (m_stream)
            ZSTD_DCtx_setParameter(m_stream, ZSTD_d_windowLogMax, limits::MaxZstdWindowLog);
    }
    ~ZstdEngine() override { ZSTD_freeDStream(m_stream); }

    Step step(QByteArrayView &bytes, std::string_view &out) override
    {
        if (!m_stream)
            return Step::Corrupt;
        ZSTD_inBuffer input {bytes.data(), static_cast<size_t>(bytes.size()), 0};
        ZSTD_outBuffer output {m_buffer.data(), m_buffer.size(), 0};
        const size_t left = ZSTD_decompressStream(m_stream, &output, &input);
        if (ZSTD_isError(left))
            return Step::Corrupt;
        bytes = bytes.sliced(static_cast<qsizetype>(input.pos));
        out = {m_buffer.data(), output.pos};
        if (input.pos > 0 || output.pos > 0)
            m_isComplete = left == 0; // RFC 8878 §3: frames may follow each other
        const bool isIdle = bytes.isEmpty() && output.pos < output.size;
        return isIdle ? Step::NeedInput : Step::More;
    }
    bool isComplete() const override { return m_isComplete; }

private:
    ZSTD_DStream *m_stream;
    bool m_isComplete = false;
};

std::unique_ptr<BodyDecoder::Engine> makeBodyEngine(BodyDecoder::Coding coding)
{
    switch (coding) {
    case BodyDecoder::Coding::Identity:
        return nullptr;
    case BodyDecoder::Coding::Gzip:
        return std::make_unique<InflateEngine>(GzipWindow);
    case BodyDecoder::Coding::Deflate:
        return std::make_unique<InflateEngine>(ZlibWindow);
    case BodyDecoder::Coding::Zstd:
        return std::make_unique<ZstdEngine>();
    }
    return nullptr;
}

} // namespace

std::optional<BodyDecoder::Coding> BodyDecoder::codingOf(const HttpHeaders &headers)
{
    const qsizetype count = headers.count("content-encoding");
    if (count > 1)
        return {};
    const QByteArray name = headers.value("content-encoding").toLower();
    if (name.isEmpty() || name == "identity")
        return Coding::Identity;
    if (name == "gzip" || name == "x-gzip")
        return Coding::Gzip;
    if (name == "deflate")
        return Coding::Deflate;
    if (name == "zstd")
        return Coding::Zstd;
    return {};
}

BodyDecoder::BodyDecoder(Coding coding, qsizetype maxSize)
    : m_engine(makeBodyEngine(coding))
    , m_maxSize(maxSize)
{
}

BodyDecoder::~BodyDecoder() = default;

BodyDecoder::Status BodyDecoder::append(QByteArrayView bytes, std::string &body)
{
    const auto fits = [this, &body](qsizetype size) {
        return size <= m_maxSize - static_cast<qsizetype>(body.size());
    };
    if (bytes.isEmpty())
        return Status::Ok;
    m_isEmpty = false;
    if (!m_engine) {
        if (!fits(bytes.size()))
            return Status::TooLarge;
        body.append(bytes.data(), static_cast<size_t>(bytes.size()));
        return Status::Ok;
    }
    for (;;) {
        std::string_view out;
        const Engine::Step step = m_engine->step(bytes, out);
        if (step == Engine::Step::Corrupt)
            return Status::Corrupt;
        if (!fits(static_cast<qsizetype>(out.size())))
            return Status::TooLarge;
        body.append(out);
        if (step == Engine::Step::NeedInput)
            return Status::Ok;
    }
}

BodyDecoder::Status BodyDecoder::finish() const
{
    return !m_engine || m_isEmpty || m_engine->isComplete() ? Status::Ok : Status::Corrupt;
}

} // namespace kirotray
