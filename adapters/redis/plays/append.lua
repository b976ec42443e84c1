-- KEYS: the stream. ARGV: the greatest length, then names and values of one entry. Entries that are done with are
-- deleted, so the length is what waits; nothing that waits is ever cut off. Returns 0 when nothing more fits.
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
local entry = {'XADD', KEYS[1], '*'}
for i = 2, #ARGV do entry[#entry + 1] = ARGV[i] end
redis.call(unpack(entry))
return 1
