// SPDX-License-Identifier: MIT
// The titles of what the tests name by a key; the tables of compatibility.mjs have their rows in this order.
export const apis = {
  anthropic: 'Anthropic Messages',
  chat: 'OpenAI Chat',
  responses: 'OpenAI Responses',
  gemini: 'Gemini',
};

export const features = {
  text: { en: 'Whole answers', zh: '一次性完整回答' },
  stream: { en: 'Streamed answers', zh: '流式回答' },
  system: { en: 'System and developer instructions', zh: '系统与开发者指令' },
  cancel: { en: 'Aborting an answer', zh: '中止回答' },
  tools: { en: 'Function tools and their results', zh: '函数工具及其结果' },
  'parallel-tools': { en: 'Parallel tool calls', zh: '并行工具调用' },
  'tool-choice': { en: 'Choice of tools', zh: '工具选择' },
  'custom-tools': { en: 'Free-form and built-in client tools', zh: '自由格式与客户端内置工具' },
  'truncated-tools': { en: 'A tool call cut short is never run', zh: '被截断的工具调用绝不执行' },
  images: { en: 'Pictures', zh: '图片' },
  'tool-images': { en: 'Pictures in tool results', zh: '工具结果中的图片' },
  documents: { en: 'Documents', zh: '文档' },
  thinking: { en: 'Thinking', zh: '思考过程' },
  'thinking-replay': { en: 'Thinking sent back in the next turn', zh: '下一轮回传思考内容' },
  'structured-output': { en: 'Structured output', zh: '结构化输出' },
  'web-search': { en: 'Web search', zh: '网页搜索' },
  stops: { en: 'Stop sequences and stop reasons', zh: '停止序列与停止原因' },
  usage: { en: 'Token usage', zh: '令牌用量' },
  'count-tokens': { en: 'Counting tokens', zh: '令牌计数' },
  models: { en: 'List of models', zh: '模型列表' },
  state: { en: 'Stored answers, and going on from them', zh: '已存储的回答及其续接' },
  errors: { en: 'Errors as the API names them', zh: '按各 API 规范返回错误' },
  'stream-errors': { en: 'A broken stream is an error', zh: '流中断即报错' },
  paths: { en: 'Other paths', zh: '其他路径' },
};

export const refusals = {
  'remote-images': { en: 'Pictures by remote address, unless the settings allow them', zh: '远程地址的图片（除非在设置中允许）' },
  'remote-documents': { en: 'Documents by remote address', zh: '远程地址的文档' },
  audio: { en: 'Audio', zh: '音频' },
  video: { en: 'Video', zh: '视频' },
  'file-ids': { en: 'Files by id or address of the vendor\'s file store', zh: '厂商文件存储中的文件' },
  'many-answers': { en: 'Several answers to one request', zh: '一次请求多个候选回答' },
  'code-execution': { en: 'Code execution at the vendor', zh: '由厂商执行代码' },
  'page-fetch': { en: 'Web pages read by the vendor', zh: '由厂商读取网页' },
  'mcp-servers': { en: 'MCP servers called by the vendor', zh: '由厂商调用的 MCP 服务器' },
  'server-tools': { en: 'Other tools that run at the vendor', zh: '其他由厂商运行的工具' },
  prefill: { en: 'The beginning of the answer, to go on from (prefill)', zh: '预填回答的开头（prefill）' },
  conversations: { en: 'Conversation objects', zh: '会话对象（conversation）' },
  'prompt-templates': { en: 'Prompt templates', zh: '提示模板' },
  'stream-again': { en: 'A stored answer as a stream', zh: '以流式读取已存储的回答' },
  batches: { en: 'Batches', zh: '批处理' },
  'output-media': { en: 'Answers other than text', zh: '文本以外的回答形式' },
  'cached-content': { en: 'Caches made beforehand', zh: '预先建立的缓存' },
  background: { en: 'Answers in the background', zh: '后台回答' },
  embeddings: { en: 'Embeddings', zh: '向量嵌入' },
};

/** Names of the clients and of the packages that package.json pins. */
export const clients = {
  claudecode: { title: 'Claude Code', package: '@anthropic-ai/claude-code-linux-x64', apis: ['anthropic'] },
  codex: { title: 'Codex CLI', package: '@openai/codex', apis: ['responses'] },
  geminicli: { title: 'Gemini CLI', package: '@google/gemini-cli', apis: ['gemini'] },
  opencode: { title: 'OpenCode', package: 'opencode-linux-x64-baseline', apis: ['anthropic', 'chat', 'responses'] },
};

export const clientAbilities = {
  answers: { en: 'Answers a prompt', zh: '回答提示' },
  'stream-json': { en: 'Streams its events to a program', zh: '以事件流输出给程序' },
  'edits-files': { en: 'Creates and edits files', zh: '创建并编辑文件' },
  'runs-commands': { en: 'Runs shell commands', zh: '运行命令' },
  'reads-files': { en: 'Reads files', zh: '读取文件' },
  'sees-images': { en: 'Sees pictures', zh: '查看图片' },
  'searches-web': { en: 'Searches the web', zh: '搜索网页' },
  'finds-tools': { en: 'Finds tools it was not given at first', zh: '按需查找工具' },
  'structured-output': { en: 'Answers by a JSON schema', zh: '按 JSON Schema 回答' },
  'side-calls': { en: 'Its side calls (titles, routers)', zh: '附带请求（标题、路由）' },
  'starts-at-once': { en: 'Starts without waiting', zh: '启动无需等待' },
  'shows-errors': { en: 'Shows what went wrong', zh: '显示出错原因' },
};
