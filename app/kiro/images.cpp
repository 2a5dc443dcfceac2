// SPDX-License-Identifier: MIT
#include "app/kiro/images.h"

#include "app/base/limits.h"
#include "app/chat/imagefacts.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

/// Why a picture cannot be sent.
enum class ImageLoss { None, Unreadable, Remote, TooLarge, TooMany, Retry, Model };

constexpr std::array<const char *, 7> LossReasons {
    "",
    "not readable as PNG, JPEG, GIF or WebP",
    "remote",
    "too large",
    "too many in one request",
    "a retry without them",
    "the model takes none",
};

std::string pixelsOf(const ImageFacts &facts)
{
    return std::to_string(facts.width) + " x " + std::to_string(facts.height);
}

bool isWithinLimits(const ImageFacts &facts, std::size_t base64Size)
{
    return std::max(facts.width, facts.height) <= limits::MaxImageSide
        && base64Size <= std::size_t(limits::MaxImageBase64);
}

QString largenessOf(const ImageFacts &facts, std::size_t base64Size)
{
    if (std::max(facts.width, facts.height) > limits::MaxImageSide)
        return u"the image is %1 x %2 pixels; at most %3 a side are allowed"_s.arg(facts.width)
            .arg(facts.height)
            .arg(limits::MaxImageSide);
    return u"the image takes %1 bytes of base64; at most %2 are allowed"_s.arg(base64Size)
        .arg(limits::MaxImageBase64);
}

/// The sentence that stands for pictures that are gone.
std::string absenceOf(int count, bool isUnreadable)
{
    const std::string what = isUnreadable ? " that could not be read" : "";
    if (count == 1)
        return "(an image" + what + " was left out)";
    return '(' + std::to_string(count) + " images" + what + " were left out)";
}

class ImageSettling
{
public:
    ImageSettling(Conversation &conversation, const BuildOptions &options,
                  std::vector<NormaliserNote> &notes)
        : m_conversation(conversation)
        , m_options(options)
        , m_notes(notes)
    {
    }

    std::optional<Error> run()
    {
        std::vector<Turn> &turns = m_conversation.turns;
        for (Turn &turn : turns) {
            m_isCurrent = &turn == &turns.back();
            forEachImage(turn, [this](TurnImage &image) { return wantedOf(image); });
            forEachImage(turn, [this](TurnImage &image) { return readOf(image); });
        }
        leaveOutTheOldest();
        for (Turn &turn : turns) {
            m_isCurrent = &turn == &turns.back();
            forEachImage(turn, [this](TurnImage &image) { return fitted(image); });
        }
        if (m_error)
            return m_error;
        for (Turn &turn : turns)
            writeAbsences(turn);
        writeNotes();
        return std::nullopt;
    }

private:
    /// Asks for each picture that still stands what is wrong with it. In the last turn that is an
    /// error, before it the picture is lost.
    template <typename Check>
    void forEachImage(Turn &turn, Check check)
    {
        for (TurnImage &image : turn.images) {
            if (lossOf(image) != ImageLoss::None || m_error)
                continue;
            const ImageLoss loss = check(image);
            if (loss == ImageLoss::None)
                continue;
            setLoss(image, loss);
            if (m_isCurrent)
                m_error = Error {Error::Code::BadInput, m_problem,
                                 QString::fromStdString(image.part->path)};
        }
    }

    static ImageLoss lossOf(const TurnImage &image) { return static_cast<ImageLoss>(image.loss); }
    static void setLoss(TurnImage &image, ImageLoss loss) { image.loss = static_cast<int>(loss); }

    ImageLoss wantedOf(const TurnImage &)
    {
        if (m_options.model != nullptr && !m_options.model->info.takesImages) {
            m_problem = u"the model %1 takes no images"_s.arg(m_options.modelId);
            return ImageLoss::Model;
        }
        const bool isUnwanted = !m_isCurrent && !m_options.keepHistoryImages;
        return isUnwanted ? ImageLoss::Retry : ImageLoss::None;
    }

    ImageLoss readOf(TurnImage &image)
    {
        const ImagePart &part = *image.part;
        if (part.data.empty() && !part.url.empty()) {
            m_problem = u"remote images are not fetched; send the image as base64, or allow it in "
                        u"the settings"_s;
            return ImageLoss::Remote;
        }
        const auto base64 = normalBase64(part.data, m_conversation.owned);
        if (!base64) {
            m_problem = part.data.empty() ? u"the image is empty"_s : u"not valid base64"_s;
            return ImageLoss::Unreadable;
        }
        const auto facts = imageFactsOfBase64(*base64);
        if (!facts) {
            m_problem = u"not a readable PNG, JPEG, GIF or WebP image"_s;
            return ImageLoss::Unreadable;
        }
        image.base64 = *base64;
        image.format = imageFormatName(facts->format);
        m_repaired += base64->data() == part.data.data() ? 0 : 1;
        return ImageLoss::None;
    }

    void leaveOutTheOldest()
    {
        std::vector<Turn> &turns = m_conversation.turns;
        int count = 0;
        for (auto turn = turns.rbegin(); turn != turns.rend() && !m_error; ++turn) {
            m_isCurrent = turn == turns.rbegin();
            m_problem = u"too many images; at most %1 are allowed"_s.arg(limits::MaxImages);
            if (m_isCurrent) {
                forEachImage(*turn, [&count](TurnImage &) {
                    return ++count > limits::MaxImages ? ImageLoss::TooMany : ImageLoss::None;
                });
                continue;
            }
            for (auto image = turn->images.rbegin(); image != turn->images.rend(); ++image)
                if (lossOf(*image) == ImageLoss::None && ++count > limits::MaxImages)
                    setLoss(*image, ImageLoss::TooMany);
        }
    }

    ImageLoss fitted(TurnImage &image)
    {
        const auto facts = imageFactsOfBase64(image.base64);
        if (!facts)
            return ImageLoss::Unreadable;
        if (isWithinLimits(*facts, image.base64.size()))
            return ImageLoss::None;
        m_problem = largenessOf(*facts, image.base64.size());
        if (!m_options.imageScaler)
            return ImageLoss::TooLarge;
        constexpr qsizetype largestFile = limits::MaxImageBase64 / 4 * 3;
        const std::string scaled = m_options.imageScaler(fromNormalBase64(image.base64),
                                                         limits::ScaledImageSide, largestFile);
        const auto scaledFacts = imageFactsOf(scaled);
        if (!scaledFacts || scaled.size() > std::size_t(largestFile)
            || !isWithinLimits(*scaledFacts, 0)) {
            m_problem += u", and it could not be scaled down"_s;
            return ImageLoss::TooLarge;
        }
        const QByteArray base64 =
            QByteArray::fromRawData(scaled.data(), qsizetype(scaled.size())).toBase64();
        image.base64 = m_conversation.owned.emplace_back(base64.toStdString());
        image.format = imageFormatName(scaledFacts->format);
        m_notes.push_back(
            {16,
             "an image of " + pixelsOf(*facts) + " pixels scaled to " + pixelsOf(*scaledFacts)});
        return ImageLoss::None;
    }

    void writeAbsences(Turn &turn)
    {
        int unreadable = 0;
        int others = 0;
        for (const TurnImage &image : turn.images) {
            ++m_lost[std::size_t(image.loss)];
            if (lossOf(image) != ImageLoss::None)
                ++(lossOf(image) == ImageLoss::Unreadable ? unreadable : others);
        }
        if (unreadable > 0)
            turn.texts.push_back(m_conversation.owned.emplace_back(absenceOf(unreadable, true)));
        if (others > 0)
            turn.texts.push_back(m_conversation.owned.emplace_back(absenceOf(others, false)));
        std::erase_if(turn.images,
                      [](const TurnImage &image) { return lossOf(image) != ImageLoss::None; });
    }

    void writeNotes()
    {
        if (m_repaired > 0)
            m_notes.push_back({16, "base64 of " + std::to_string(m_repaired) + " image(s) tidied"});
        for (std::size_t loss = 1; loss < m_lost.size(); ++loss)
            if (m_lost[loss] > 0)
                m_notes.push_back(
                    {16,
                     std::to_string(m_lost[loss])
                         + " image(s) of earlier messages left out: " + LossReasons[loss]});
    }

    Conversation &m_conversation;
    const BuildOptions &m_options;
    std::vector<NormaliserNote> &m_notes;
    std::optional<Error> m_error;
    QString m_problem; ///< of the picture looked at last
    std::array<int, LossReasons.size()> m_lost {};
    int m_repaired = 0;
    bool m_isCurrent = false;
};

} // namespace

std::optional<Error> settleImages(Conversation &conversation, const BuildOptions &options,
                                  std::vector<NormaliserNote> &notes)
{
    return ImageSettling(conversation, options, notes).run();
}

std::size_t dropOldestImages(Conversation &conversation, std::size_t bytes, int &dropped)
{
    std::size_t saved = 0;
    for (std::size_t at = 0; at + 1 < conversation.turns.size() && saved < bytes; ++at) {
        Turn &turn = conversation.turns[at];
        int gone = 0;
        while (saved < bytes && std::size_t(gone) < turn.images.size())
            saved += turn.images[std::size_t(gone++)].base64.size();
        if (gone == 0)
            continue;
        turn.images.erase(turn.images.begin(), turn.images.begin() + gone);
        turn.texts.push_back(conversation.owned.emplace_back(absenceOf(gone, false)));
        dropped += gone;
    }
    return saved;
}

} // namespace kirotray
