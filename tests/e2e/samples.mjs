// SPDX-License-Identifier: MIT
// What the tests send and let the service answer.

/** A whole picture of 2 by 2 pixels in red. */
export const pngBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==';
export const jpegBase64 =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQ'
  + 'Ew8QEBD/2wBDAQMDAwQDBAgEBAgQCwkLEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAARCAACAAID'
  + 'AREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAVAQEBAAAAAAAAAAAAAAAAAAAGCf/EABQRAQAA'
  + 'AAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AD3VTB3/2Q==';
/** A page with nothing on it. */
export const pdfBase64 = Buffer.from(`%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`).toString('base64');

export const weatherTool = {
  name: 'get_weather',
  description: 'Current weather of a city',
  schema: {
    type: 'object',
    properties: { city: { type: 'string', description: 'Name of the city' } },
    required: ['city'],
  },
};

/** What the service sends last; a host that did so once is held to it. */
export const closing = { contextUsage: 1.5 };

export const say = (text) => [{ text, words: true }, closing];
/** One tool call, in pieces. */
export const call = (name, input) => [{ toolCall: { name, input, fragments: 3 } }, { stopReason: 'TOOL_USE' }, closing];

/** Script steps of an answer that calls the weather tool twice. */
export const twoCalls = [
  { text: 'Let me look.' },
  { toolCall: { id: 'tooluse_one', name: 'get_weather', input: { city: 'Oslo' }, fragments: 4 } },
  { toolCall: { id: 'tooluse_two', name: 'get_weather', input: { city: '北京' }, fragments: 3 } },
  { usage: { inputTokens: 812, outputTokens: 64, cacheReadTokens: 100 }, stopReason: 'TOOL_USE' },
];
/** A call whose arguments end in the middle. */
export const cutCall = [
  { text: 'I write the file.' },
  { toolCall: { id: 'tooluse_cut', name: 'get_weather', inputText: '{"city":"Os', stop: false } },
  { usage: { inputTokens: 30, outputTokens: 4096 }, stopReason: 'MAX_TOKENS' }, closing,
];
export const shortText = [
  { text: 'The sky is blue today.', chunk: 3 },
  { usage: { inputTokens: 20, outputTokens: 6, cacheReadTokens: 5 }, stopReason: 'END_TURN' },
];
export const thinkingThenText = [
  { thinking: 'The user greets.', signature: 'c2ln', chunk: 4 }, { text: 'Hi.' }, closing,
];

/** Failures of the service: what each API calls them is for the tests to say. */
export const failures = {
  tooLong: { status: 400, class: 'ValidationException', reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD',
    message: 'Input is too long.' },
  usedUp: { status: 402, class: 'ServiceQuotaExceededException', reason: 'MONTHLY_REQUEST_COUNT',
    message: 'You have reached the limit.' },
  rateLimit: { status: 429, class: 'ThrottlingException', reason: 'USER_REQUEST_RATE_EXCEEDED',
    message: 'Too many requests, please wait before trying again.' },
};
/** Ends of a stream that are no end. */
export const brokenEnds = [{ drop: true }, { badFrame: 'messageCrc' },
  { exception: { type: 'InternalServerException', message: 'x' } }];

export const currentMessage = (conversation) => conversation.currentMessage.userInputMessage;
/** Every text of a conversation, for "is it in there". */
export const allText = (conversation) => JSON.stringify(conversation);
/** History and current message: the user's and the model's messages in order. */
export const messagesOf = (conversation) => [...(conversation.history ?? []), conversation.currentMessage]
  .map((entry) => entry.userInputMessage ?? entry.assistantResponseMessage);
