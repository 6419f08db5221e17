-- Train a fully connected network on MNIST with Torch7.

require 'torch'
require 'nn'
require 'optim'
require 'paths'
local reading = paths.dofile('reading.lua')
local take = reading.take

local function build_model(inputs, hidden_layers, hidden_units, activation, activation_module)
   local model = nn.Sequential()
   local shared = activation()
   for _ = 1, hidden_layers do
      model:add(nn.Linear(inputs, hidden_units))
      model:add(activation_module == 'shared' and shared or activation())
      inputs = hidden_units
   end
   model:add(nn.Linear(inputs, 10))
   -- Nobody needs the gradient with respect to the images.
   model:get(1).gradInput = nil
   return model
end

-- Fill the layers from one flat tensor that holds, layer by layer, weights and biases.
local function set_weights(model, weights)
   local first = 1
   for _, layer in ipairs(model:findModules('nn.Linear')) do
      local outputs, inputs = layer.weight:size(1), layer.weight:size(2)
      layer.weight:copy(weights:narrow(1, first, inputs * outputs):view(inputs, outputs):t())
      layer.bias:copy(weights:narrow(1, first + inputs * outputs, outputs))
      first = first + (inputs + 1) * outputs
   end
end

-- Each line arrives at once, also in a pipe. (The print of th would end it with a tab.)
io.stdout:setvbuf('line')
torch.setdefaulttensortype(take('precision', reading.tensor_types))
torch.manualSeed(take('seed'))
io.write('ready\n')

local inputs = take('inputs')
local images = reading.floats(take('train_images'))
images = images:view(-1, inputs):type(torch.getdefaulttensortype())
local label_file = torch.DiskFile(take('train_labels')):binary()
-- Torch counts classes from 1.
local labels = torch.ByteTensor(label_file:readByte(images:size(1))):long():add(1)
label_file:close()
io.write('loaded\n')

local activation_module = take('activation_module') or 'separate'
if activation_module ~= 'separate' and activation_module ~= 'shared' then
   reading.refuse('take the activation_module ' .. activation_module)
end
local model = build_model(
   inputs,
   take('hidden_layers'),
   take('hidden_units'),
   take('activation', {tanh = nn.Tanh, relu = nn.ReLU, sigmoid = nn.Sigmoid}),
   activation_module)
set_weights(model, reading.floats(take('initial_weights')))
local criterion = nn.CrossEntropyCriterion()
local parameters, gradients = model:getParameters()
local optimizer = take('optimizer', {sgd = optim.sgd, adam = optim.adam})
local learning_rate = take('learning_rate')
local learning_rate_gamma = take('learning_rate_gamma') or 0
local learning_rate_power = take('learning_rate_power') or 1
-- Where a setting is absent, optim has the right default, but for the dampening.
local config = {
   learningRate = learning_rate,
   momentum = take('momentum') or 0,
   dampening = take('dampening') or 0,
   nesterov = take('nesterov'),
   beta1 = take('beta1'),
   beta2 = take('beta2'),
   epsilon = take('epsilon'),
   weightDecay = take('weight_decay'),
}
local state = {}
local batch_size = take('batch_size')
local partial_batch = take('partial_batch', {keep = 'keep', drop = 'drop', wrap = 'wrap'})
local epochs, shuffle, model_folder = take('epochs'), take('shuffle'), take('model')
if config.nesterov and (config.momentum == 0 or config.dampening ~= 0) then
   reading.refuse('take Nesterov steps without momentum or with dampening')
elseif config.dampening ~= 0 and config.momentum == 0 then
   reading.refuse('dampen without momentum')
end
reading.finish()
io.write('built\n')

local function set_learning_rate(step)
   local rate = learning_rate * (1 + learning_rate_gamma * step) ^ -learning_rate_power
   if state.dfdx then
      -- optim.sgd would multiply its whole velocity by the new rate; each gradient keeps its own.
      state.dfdx:mul(config.learningRate / rate)
   end
   config.learningRate = rate
end

local batch_images, batch_labels = torch.Tensor(), torch.LongTensor()

-- What optim asks for: the loss and its gradient at the present parameters.
local function feval()
   gradients:zero()
   local scores = model:forward(batch_images)
   local loss = criterion:forward(scores, batch_labels)
   model:backward(batch_images, criterion:backward(scores, batch_labels))
   return loss, gradients
end

model:training()
local count = images:size(1)
local step = 0
local left_over
for epoch = 1, epochs do
   local order = shuffle and torch.randperm(count) or torch.range(1, count)
   order = order:long()
   if left_over then
      order = torch.cat(left_over, order)
      left_over = nil
   end
   for _, batch in ipairs(order:split(batch_size)) do
      local is_whole = batch:size(1) == batch_size
      if is_whole or partial_batch == 'keep' then
         batch_images:index(images, 1, batch)
         batch_labels:index(labels, 1, batch)
         if learning_rate_gamma ~= 0 then
            set_learning_rate(step)
         end
         optimizer(feval, parameters, config, state)
         step = step + 1
      elseif partial_batch == 'wrap' then
         left_over = batch
      end
   end
   io.write('epoch ', epoch, '\n')
end

paths.mkdir(model_folder)
torch.save(paths.concat(model_folder, 'model.t7'), model:clearState())
io.write('saved\n')
