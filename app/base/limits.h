// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <chrono>
#include <cstddef>

/// Every number that bounds something: sizes in bytes, waits as durations. The reason stands beside
/// it.
namespace kirotray::limits {

using namespace std::chrono_literals;

inline constexpr qsizetype KiB = 1024;
inline constexpr qsizetype MiB = 1024 * KiB;

// Inbound HTTP.
inline constexpr int MaxConnections = 1200; ///< 1,000 streams (design §10) and room for short calls
inline constexpr qsizetype MaxRequestLine = 8 * KiB;
inline constexpr qsizetype MaxHeaderBytes = 64 * KiB; ///< request line and all fields together
inline constexpr int MaxHeaderFields = 100;
inline constexpr qsizetype MaxBody =
    32 * MiB; ///< decoded; a long context with images is about 8 MiB
inline constexpr qsizetype MaxBodiesTotal = 512 * MiB; ///< all request bodies held at once
inline constexpr qsizetype MaxPipelined = 64 * KiB; ///< bytes kept while a request is in flight
inline constexpr auto HeaderTimeout = 10s; ///< first byte of a request to the end of its header
inline constexpr auto BodyIdleTimeout = 30s; ///< between two pieces of a body
inline constexpr auto KeepAliveTimeout = 90s; ///< idle connection between requests
inline constexpr qsizetype ClientBacklogHigh = 256 * KiB; ///< unsent bytes: pause the upstream
inline constexpr qsizetype ClientBacklogLow = 64 * KiB; ///< unsent bytes: resume it
inline constexpr auto ClientStallTimeout = 60s; ///< backlog without progress: close
inline constexpr auto StopGrace = 10s; ///< running streams get this long when the server stops
inline constexpr int ListenBacklog = 1024; ///< 1,000 clients that connect in the same moment
inline constexpr int MaxRefusals = 64; ///< connections over the cap that are being told 503
inline constexpr auto AcceptRetry = 1s; ///< after the system ran out of descriptors
inline constexpr qsizetype SocketPiece = 16 * KiB; ///< one read from a client socket, on the stack
/// Reserved for an announced body before it arrives: a length alone must not cost memory.
inline constexpr qsizetype MaxBodyReserve = MiB;
inline constexpr auto LingerQuiet = 250ms; ///< after a refusal: no more input for this long, close
inline constexpr auto LingerTotal = 5s; ///< after a refusal: input is discarded at most this long
inline constexpr int MaxZstdWindowLog = 23; ///< 8 MiB, what RFC 8878 §3.1.1.1.2 tells decoders

// Outbound HTTP.
inline constexpr int StreamsPerManager = 6; ///< QNetworkAccessManager opens six connections a host
inline constexpr auto IdleManagerLifetime =
    50s; ///< the service's balancer drops idle sockets at 60 s
inline constexpr qsizetype UpstreamReadBuffer = 64 * KiB;
inline constexpr qsizetype MaxReplyBody =
    4 * MiB; ///< a non-streaming reply, an error body included
inline constexpr auto SystemProxyLifetime =
    60s; ///< an answer of the system is kept: asking may run a PAC script
inline constexpr int MaxSystemProxyAnswers = 64; ///< hosts; the program talks to about ten
inline constexpr auto RequestTimeout = 30s; ///< control and token calls, whole
inline constexpr std::chrono::milliseconds StatusTimeout = 2s; ///< `status` asking a local proxy
inline constexpr auto FirstByteTimeout =
    90s; ///< chat; grows with the request, see FirstByteTimeoutMax
inline constexpr auto FirstByteTimeoutMax = 300s; ///< 77 s were measured for 300 K tokens
inline constexpr qsizetype FirstByteFullSize =
    2 * MiB; ///< a request of this size gets FirstByteTimeoutMax; 300 K tokens are about 1.2 MB
inline constexpr auto StreamIdleTimeout = 300s; ///< between two pieces of a stream
inline constexpr auto StreamTotalTimeout = 1800s; ///< a whole answer
inline constexpr auto MaxRetryAfter = 24h; ///< the longest limit of the service is a day

// Event stream.
inline constexpr quint32 MaxFrame = 16 * 1024 * 1024;
inline constexpr quint32 MaxFrameHeaders = 128 * 1024;

// Conversation.
inline constexpr int MaxJsonDepth = 256;
inline constexpr qsizetype MaxToolInput = 8 * MiB; ///< one call's argument text
inline constexpr int MaxToolCallsPerAnswer = 128;
inline constexpr qsizetype MaxAnswer = 64 * MiB; ///< a non-streaming answer held in memory
inline constexpr int MaxModelName = 256; ///< bytes of a model's name as a client writes it
inline constexpr int MaxStopSequences = 64; ///< each is compared with every byte of the answer
inline constexpr int MaxAttempts = 3; ///< upstream attempts of one request, before the first byte
inline constexpr std::chrono::milliseconds RetryDelay = 200ms; ///< doubled for each further attempt
inline constexpr std::chrono::milliseconds CapacityRetryDelay = 5s; ///< the model is busy (§3.2)
inline constexpr std::chrono::milliseconds MaxRetryDelay =
    30s; ///< longer waits are the client's own
inline constexpr qsizetype PrepareInline =
    256 * KiB; ///< larger bodies are translated on a pool thread
inline constexpr int MaxKnownClosers = 1000; ///< hosts and models known to close their answers
inline constexpr int PortTries = 20; ///< ports tried in a row when the usual one is taken
inline constexpr auto PingInterval = 15s; ///< SSE comment or ping while nothing else is sent

// Upstream tables and requests (kiro-protocol §1.7).
inline constexpr qsizetype MaxTableFile =
    1 * MiB; ///< an override file; the built-in ones are 5 KiB
inline constexpr int MaxToolName = 64; ///< rule 10
inline constexpr int MaxToolDescription = 10'000; ///< UTF-16 units, rule 11
inline constexpr int MaxSchemaDepth = 64; ///< resolved references included; real schemas have < 15
inline constexpr qsizetype MaxToolSchema =
    256 * KiB; ///< written by resolving references; beyond it they are left open
inline constexpr qsizetype ConversationKeyBytes =
    16 * KiB; ///< of system and first message: enough to tell conversations apart
inline constexpr int MaxListPages = 10; ///< nextToken of models and profiles
inline constexpr qsizetype MaxRequestBytes =
    5'000'000; ///< of history and current message; oldest turns go first (rule 17)
inline constexpr int MaxImages = 10; ///< a request (rule 16)
inline constexpr qsizetype MaxImageBase64 = 5'242'880; ///< one image (rule 16)
inline constexpr int MaxImageSide = 8000; ///< pixels; larger ones are refused by the vendor
inline constexpr int ScaledImageSide = 1568; ///< more brings the model nothing (rule 16)
inline constexpr int MaxDocuments = 5; ///< a request
inline constexpr qsizetype MaxDocumentBase64 = 6'291'456; ///< 4.5 MiB of file
inline constexpr int MaxCachePoints = 4; ///< a request (§1.8)
inline constexpr int MaxDocumentName = 200; ///< characters

// Web search (§6).
inline constexpr int MaxSearchRounds = 8; ///< searches of one answer when the client sets no limit
inline constexpr int MaxSearchQuery = 200; ///< characters
inline constexpr int MaxSearchHits = 20; ///< of one search
inline constexpr qsizetype MaxSearchSnippet = 4 * KiB;
inline constexpr auto SearchTimeout = 30s;

// Models and stored answers.
inline constexpr auto ModelListLifetime = 1h; ///< of an account's own list
inline constexpr auto ModelListRetry = 60s; ///< after one that could not be had
inline constexpr std::chrono::milliseconds ModelListWait =
    3s; ///< what a client's list waits for the account's
inline constexpr int MaxStoredAnswers = 1000; ///< OpenAI Responses with `store`
inline constexpr qsizetype MaxStoredAnswerBytes = 64 * MiB; ///< all of them, in memory only
inline constexpr auto BufferedPingInterval = 25s; ///< /cc/v1/messages while it waits (API-09)

// Remote images, where the user allows them.
inline constexpr int MaxRemoteImages = 10; ///< a request
inline constexpr auto RemoteImageTimeout = 15s;

// Accounts.
inline constexpr auto VaultTimeout = 30s; ///< a keychain may wait for the user
inline constexpr qsizetype MaxSecretItem = 16 * KiB;
inline constexpr auto VaultHint = 5s; ///< then say that the keychain is being waited for
inline constexpr auto VaultRetry = 30s; ///< between attempts to store a renewed credential
inline constexpr qsizetype WindowsKeychainItem = 2560; ///< CRED_MAX_CREDENTIAL_BLOB_SIZE
inline constexpr int MaxAccounts = 500;
inline constexpr qsizetype MaxAccountsFile = 4 * MiB; ///< 500 accounts of 8 KiB
/// Of a sealed file: accounts, and the program's own keys.
inline constexpr int MaxVaultKeys = 1000;
inline constexpr qsizetype MaxVaultFile = 32 * MiB; ///< MaxVaultKeys items, escaped as JSON
/// Argon2id for a new sealed file: 64 MiB and two passes, about 0.1 s, keep a small machine's start
/// quick and are above what is commonly advised (19 MiB, two passes).
inline constexpr quint64 VaultKdfMemory = 64 * MiB;
inline constexpr quint64 VaultKdfPasses = 2;
/// A file that asks for more is damaged: opening it must not exhaust the machine.
inline constexpr quint64 VaultKdfMemoryMax = 256 * MiB;
inline constexpr quint64 VaultKdfPassesMax = 8;
inline constexpr qsizetype MaxImportFile = 4 * MiB;
inline constexpr auto RefreshAhead = 15min;
inline constexpr auto RefreshCheckInterval = 5min;
inline constexpr auto RefreshCheckJitter = 30s; ///< either way
/// Between two refreshes of one round at most: many at once answer 429 (kiro-protocol §4.2 no. 6).
inline constexpr auto RefreshStagger = 2s;
inline constexpr auto RefreshPause = 60s; ///< after a failed one that nobody is waiting for
inline constexpr auto TokenMinLife = 60s; ///< what a token that is given out must still last

inline constexpr auto UsageMinInterval = 5min; ///< between two readings of an account (§5.1)
inline constexpr auto UsageAfterUse = 30s; ///< a reading after use, when the last one is old enough
inline constexpr auto UsageStaleAfter = 1h; ///< then it is shown as stale
inline constexpr int MaxUsageSamples = 500; ///< an account, for the forecast
inline constexpr auto ClockSkewHint = 5min; ///< a difference to the service that is reported
inline constexpr auto RegistrationWarning = 14 * 24h; ///< before an OIDC registration ends
inline constexpr auto WakeGap = 2min; ///< a timer this late: the machine slept
inline constexpr qsizetype MaxImportDatabase = 256 * MiB; ///< a CLI's SQLite file
inline constexpr int MaxImportFiles = 1000; ///< of one folder
inline constexpr qsizetype MaxExportFile = 64 * MiB;
inline constexpr int MinExportPassphrase = 8; ///< characters

// Sign-in.
inline constexpr auto LoginTimeout = 10min; ///< from the link to the answer
inline constexpr auto RemoteLoginLifetime = 15min; ///< of a one-time link
inline constexpr int MaxLogins = 8; ///< under way at once
inline constexpr int MaxLoginSteps = 100; ///< kept for a reader that polls
inline constexpr qsizetype MaxLoginInput = 32 * KiB; ///< a pasted URL, token or cookie
inline constexpr std::chrono::milliseconds DevicePollMin = 1s;
inline constexpr std::chrono::milliseconds DevicePollSlowDown = 5s; ///< RFC 8628 §3.5
inline constexpr std::chrono::milliseconds DevicePollMax = 60s;
inline constexpr qsizetype MaxDiscoveryDocument = 256 * KiB; ///< OpenID Connect discovery

// Pool and pacing.
inline constexpr int MaxAccountsPerRequest = 3; ///< tried for one request
inline constexpr int MaxTotalAttempts = 9; ///< of one request, all accounts together (§3.2)
inline constexpr int MaxConversations = 10'000; ///< remembered with their account
inline constexpr auto StickyFloor = 60s; ///< a conversation keeps its account at least this long
inline constexpr auto ModelRefusedLifetime = 1h; ///< an account lacks a model (§3.2)
inline constexpr auto CircuitOpenMax = 30min; ///< the longest pause between two probes
/// What a client is told to wait while the only account is being tried after its pause.
inline constexpr std::chrono::milliseconds ProbePatience = 5s;
inline constexpr int MaxRefusedModels = 64; ///< known of an account; the oldest is forgotten
/// A clock that is set back further ends an account's pause: it must not last for hours.
inline constexpr std::chrono::milliseconds ClockStepBack = 60s;

// Traffic records.
inline constexpr qsizetype MaxFlowBody = 2 * MiB; ///< of each view of one flow; the rest is cut
inline constexpr int MaxFlowPage = 1000; ///< rows of one query
inline constexpr int MaxFlowTags = 16;
inline constexpr qsizetype MaxFlowNote = 4 * KiB;
inline constexpr int MaxFlowQueue = 10'000; ///< records waiting to be written; more are dropped
inline constexpr int MaxFlowExport = 100'000; ///< records of one export

// Context strategies.
inline constexpr int MaxSummaries = 200; ///< cached
inline constexpr qsizetype MaxSummaryBytes = 64 * KiB; ///< of one
inline constexpr auto SummaryTimeout = 60s; ///< of the model call that makes it

// Client keys and administration.
inline constexpr int MaxClientKeys = 100;
inline constexpr qsizetype MaxClientKeysFile = MiB; ///< 100 keys of 10 KiB
inline constexpr qsizetype MaxClientKeyName = 100; ///< characters
inline constexpr qsizetype MaxClientKeyModels = 64; ///< patterns of one key
inline constexpr qsizetype MaxClientKeyModel = 128; ///< characters of a pattern
inline constexpr std::chrono::milliseconds ClientKeyCountsSave =
    60s; ///< between two writes of counts; a crash loses at most those
inline constexpr int MaxAdminCalls = 64; ///< waiting for the main thread
inline constexpr std::chrono::milliseconds AdminTimeout = 60s; ///< then 504
inline constexpr qsizetype MaxAdminBody = 8 * MiB; ///< an import

// Simulator.
/// Benchmarks ask for more streams than the gateway has to carry.
inline constexpr int SimulatorConnections = 4096;

// Log.
inline constexpr qint64 MaxLogFile = 2 * MiB;
inline constexpr int MaxLogFiles = 5;
inline constexpr qsizetype MaxLogLine = 16 * KiB; ///< bodies are cut to 512 bytes before

// Single instance.
inline constexpr qsizetype MaxHandOver =
    64 * KiB; ///< a command line; systems allow about this much
inline constexpr auto HandOverTimeout = 3s; ///< a first copy that is alive answers in milliseconds
inline constexpr auto HandOverRetry = 50ms; ///< it may hold the lock and not listen yet

} // namespace kirotray::limits
