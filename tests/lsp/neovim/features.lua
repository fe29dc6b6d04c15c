-- One check a feature, each by what the editor itself shows of it.
local workspace = os.getenv('PLATFORMC_WORKSPACE')
local binary = os.getenv('PLATFORMC_BINARY')
local failed, passed = 0, 0

local function check(name, good, seen)
  if good then
    passed = passed + 1
    io.stdout:write('ok   ' .. name .. '\n')
  else
    failed = failed + 1
    io.stdout:write('FAIL ' .. name .. ': ' .. vim.inspect(seen) .. '\n')
  end
end

local exited
local client = vim.lsp.start_client({
  name = 'platformc',
  cmd = { binary, 'lsp', '--stdio' },
  root_dir = workspace,
  on_exit = function(code) exited = code end,
})

local function open(path)
  vim.cmd('edit ' .. workspace .. '/' .. path)
  local buffer = vim.api.nvim_get_current_buf()
  vim.lsp.buf_attach_client(buffer, client)
  return buffer
end

local function found(buffer, wanted)
  local seen
  vim.wait(30000, function()
    seen = vim.diagnostic.get(buffer)
    return wanted(seen)
  end, 20)
  return seen
end

-- What the server answers for the place behind the first match of `pattern`.
local function ask(buffer, method, pattern, more)
  local params = { textDocument = vim.lsp.util.make_text_document_params(buffer) }
  if pattern then
    for row, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
      local _, column = line:find(pattern)
      if column then
        params.position = { line = row - 1, character = vim.str_utfindex and select(2, vim.str_utfindex(line, column)) or column }
        break
      end
    end
  end
  local answers = vim.lsp.buf_request_sync(buffer, method, vim.tbl_extend('force', params, more or {}), 30000) or {}
  for _, answer in pairs(answers) do return answer.result, answer.error end
end

local function edit(buffer, pattern, text)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local first, last = line:find(pattern)
    if first then
      vim.api.nvim_buf_set_text(buffer, row - 1, first - 1, row - 1, last, { text })
      return
    end
  end
  error('nothing matches ' .. pattern)
end

local function labels(items)
  local out = {}
  for _, item in ipairs(items or {}) do table.insert(out, item.label) end
  return out
end

local shop = open('apps/shop.yaml')
vim.wait(30000, function() return #vim.lsp.get_active_clients() > 0 and vim.lsp.get_client_by_id(client).server_capabilities ~= nil end)
ask(shop, 'platformc/idle')
check('a good workspace has no diagnostics', #vim.diagnostic.get(shop) == 0, vim.diagnostic.get(shop))

edit(shop, 'image', 'imgae')
local seen = found(shop, function(all) return #all >= 2 end)
check('diagnostics while typing', seen[1] and seen[1].lnum >= 7 and seen[1].source == 'platformc', seen)
local code = {}
for _, one in ipairs(seen) do code[one.code or (one.user_data and one.user_data.lsp and one.user_data.lsp.code) or ''] = one end
local unknown = code['definition/unknown-property']
check('diagnostics have codes and places', unknown and unknown.lnum == 9 and unknown.col == 8 and unknown.end_col == 13, seen)

local actions = ask(shop, 'textDocument/codeAction', nil, {
  range = { start = { line = 9, character = 8 }, ['end'] = { line = 9, character = 8 } },
  context = { diagnostics = {} },
})
check('code action', actions and actions[1] and actions[1].kind == 'quickfix', actions)
if actions and actions[1] then
  vim.lsp.util.apply_workspace_edit(actions[1].edit, 'utf-16')
end
local line = vim.api.nvim_buf_get_lines(shop, 9, 10, false)[1]
check('the fix mends the line', line == '        image: "é😀"', line)
seen = found(shop, function(all) return #all == 0 end)
check('diagnostics go when mended', #seen == 0, seen)

local hover = ask(shop, 'textDocument/hover', '^%s+ima')
check('hover on a property', hover and hover.contents.value:find('What it runs', 1, true), hover)
hover = ask(shop, 'textDocument/hover', 'type: giz')
check('hover on a type', hover and hover.contents.value:find('Turns things', 1, true), hover)

local place = ask(shop, 'textDocument/definition', '^%s+ima')
check('definition of a property', place and place[1] and place[1].uri:find('definitions/gizmo.cue', 1, true) and place[1].range.start.line == 13, place)
place = ask(shop, 'textDocument/definition', 'type: wor')
local copy = place and place[1] and vim.uri_to_fname(place[1].uri)
check('definition that ships with platformc', copy and vim.fn.filereadable(copy) == 1, place)
place = ask(shop, 'textDocument/definition', 'dependsOn: .we')
check('definition of a dependency', place and place[1] and place[1].range.start.line == 6, place)

local symbols = ask(shop, 'textDocument/documentSymbol')
check('document symbols', symbols and symbols[1] and symbols[1].name == 'shop', symbols)

edit(shop, '"é😀"', '"é😀"')
vim.api.nvim_buf_set_lines(shop, 10, 10, false, { '        sp' })
local items = ask(shop, 'textDocument/completion', '^        sp')
check('completion in a half-typed line', vim.tbl_contains(labels(items), 'speed') and not vim.tbl_contains(labels(items), 'image'), labels(items))
vim.api.nvim_buf_set_lines(shop, 10, 11, false, { '        speed: ' })
items = ask(shop, 'textDocument/completion', '^        speed: ')
check('completion of values', vim.deep_equal(labels(items), { 'slow', 'fast' }), labels(items))
edit(shop, 'type: gizmo', 'type: ')
items = ask(shop, 'textDocument/completion', '^      type: ')
check('completion of types', vim.tbl_contains(labels(items), 'gizmo') and vim.tbl_contains(labels(items), 'webservice'), labels(items))
edit(shop, 'type: $', 'type: gizmo')
vim.api.nvim_buf_set_lines(shop, 10, 11, false, { '        speed: fast' })
seen = found(shop, function(all) return #all == 0 end)
check('no diagnostics are left', #seen == 0, seen)

local gizmo = open('definitions/gizmo.cue')
edit(gizmo, 'image: string', 'image:    int')
seen = found(shop, function(all) return #all > 0 end)
check('an edit of a definition reaches the documents', #seen > 0, seen)
local edits = ask(gizmo, 'textDocument/formatting', nil, { options = { tabSize = 4, insertSpaces = false } })
check('formatting of CUE', edits and #edits == 1, edits)
edit(gizmo, 'image:    int', 'image: string')
seen = found(shop, function(all) return #all == 0 end)
check('and back', #seen == 0, seen)

vim.lsp.stop_client(client)
vim.wait(30000, function() return exited ~= nil end, 20)
check('shutdown', exited == 0, exited)

io.stdout:write(string.format('%d passed, %d failed\n', passed, failed))
vim.cmd(failed == 0 and 'qall!' or 'cquit')
