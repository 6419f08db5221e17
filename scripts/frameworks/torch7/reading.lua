-- Read what train.lua and predict.lua are given: a file of settings, and arrays.

require 'torch'
local cjson = require 'cjson'

local reading = {}
local settings = cjson.decode(io.open(arg[1]):read('*a'))

function reading.refuse(reason)
   io.stderr:write('cannot ', reason, '\n')
   os.exit(1)
end

-- Take a setting, or what it stands for in a table of choices.
function reading.take(name, choices)
   local value = settings[name]
   settings[name] = nil
   if not choices then
      return value
   end
   return choices[value] or reading.refuse('take the ' .. name .. ' ' .. tostring(value))
end

-- Refuse a setting that has not been taken.
function reading.finish()
   if next(settings) then
      reading.refuse('do what this setting asks for: ' .. next(settings))
   end
end

function reading.floats(name)
   local file = torch.DiskFile(name):binary():littleEndianEncoding()
   file:seekEnd()
   local count = (file:position() - 1) / 4
   file:seek(1)
   local numbers = torch.FloatTensor(file:readFloat(count))
   file:close()
   return numbers
end

reading.tensor_types = {float32 = 'torch.FloatTensor', float64 = 'torch.DoubleTensor'}

return reading
