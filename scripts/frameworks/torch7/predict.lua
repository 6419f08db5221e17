-- Score the MNIST test images with a network that train.lua has saved.

require 'torch'
require 'nn'
require 'paths'
local reading = paths.dofile('reading.lua')
local take = reading.take

-- Each line arrives at once, also in a pipe. (The print of th would end it with a tab.)
io.stdout:setvbuf('line')
torch.setdefaulttensortype(take('precision', reading.tensor_types))
io.write('ready\n')

local images = reading.floats(take('test_images')):view(-1, take('inputs'))
images = images:type(torch.getdefaulttensortype())
io.write('loaded\n')

local model = torch.load(paths.concat(take('model'), 'model.t7'))
model:type(torch.getdefaulttensortype())
model:evaluate()
local batch_size, repeats, scores_file = take('batch_size'), take('repeats'), take('scores')
-- The model has these.
take('hidden_layers'); take('hidden_units'); take('activation')
reading.finish()
io.write('built\n')

local scores = torch.Tensor(images:size(1), 10)
for i = 1, repeats do
   local score_batches = scores:split(batch_size)
   for j, batch in ipairs(images:split(batch_size)) do
      score_batches[j]:copy(model:forward(batch))
   end
   io.write('predicted ', i, '\n')
end

local file = torch.DiskFile(scores_file, 'w'):binary():littleEndianEncoding()
file:writeFloat(scores:float():storage())
file:close()
io.write('saved\n')
